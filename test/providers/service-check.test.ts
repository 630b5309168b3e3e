import assert from "node:assert/strict";
import { test } from "node:test";
import { checkService } from "../../providers/service-check.ts";

const connection = { address: "10.0.0.21", port: 22, user: "root", hostKey: "ssh-ed25519 AAAA" };
const host = { name: "back-1", privateAddress: "10.0.0.21" };

async function check(rollout: object) {
  return checkService({}, { connection, host, name: "web", image: "web:1", rollout });
}

test("a new host in a fleet is no change of the others, unless more of them may be updated at once", async () => {
  const rolloutOf = async (size: number, maxParallel: number | string) =>
    (await check({ fleet: "web", size, maxParallel })).inputs?.rollout;
  assert.deepEqual(await rolloutOf(3, 1), { fleet: "web", maxParallel: 1, canary: 1, pause: 0 });
  assert.deepEqual(await rolloutOf(4, 1), await rolloutOf(3, 1));
  assert.notDeepEqual(await rolloutOf(4, "50%"), await rolloutOf(3, "50%"));
});

test("a bad rollout fails in preview, with the path of each property", async () => {
  const { inputs, failures = [] } = await check({ fleet: "web", size: 3, maxParallel: "half", canary: -1 });
  assert.equal(inputs, undefined);
  assert.deepEqual(
    failures.map(({ property }) => property),
    ["rollout.maxParallel", "rollout.canary"],
  );
});
