import assert from "node:assert/strict";
import { test } from "node:test";
import { describeEffect } from "../../providers/plan/service-effect.ts";
import type { ServiceState } from "../../providers/plan/service-state.ts";
import { checkService } from "../../providers/service-check.ts";
import { UNKNOWN } from "../../providers/spec/unknown.ts";

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

const site = {
  connection,
  host,
  name: "site",
  image: "nginx:1",
  config: { directory: "/etc/nginx/rundock", files: { "nginx.conf": "" }, reload: { signal: "HUP" } },
};

test("a secret of the live configuration that is not known yet is a reload in the preview, and no new container", async () => {
  const known = await checkService({}, { ...site, secretConfig: { files: { key: "hush" } } });
  const old = known.inputs as ServiceState;
  assert.equal(JSON.stringify({ ...old, secretConfig: null }).includes("hush"), false);
  const unknown = await checkService(old, { ...site, secretConfig: UNKNOWN });
  assert.match(describeEffect(old, unknown.inputs as ServiceState), /reloaded, container untouched$/);
  assert.equal(unknown.inputs?.release, UNKNOWN);
});

test("the marks of secrets stay when nothing changed", async () => {
  const given = { ...site, secretConfig: { files: { key: "hush" } } };
  const { inputs } = await checkService({}, given);
  assert.deepEqual((await checkService(inputs as ServiceState, given)).inputs, inputs);
});

test("a path that is plain and secret, or a file and a folder, is refused", async () => {
  const files = { "nginx.conf": "hush", "nginx.conf/key": "hush" };
  const { failures = [] } = await checkService({}, { ...site, secretConfig: { files } });
  assert.deepEqual(
    failures.map(({ property, reason }) => `${property} ${reason}`),
    [
      'config.files["nginx.conf"] is the folder of nginx.conf/key',
      'config.files["nginx.conf"] is both plain and secret',
    ],
  );
});

test("a name that another resource has on the host is refused, beside all else that is wrong", async () => {
  const { failures = [] } = await checkService({}, { ...site, user: 7, declaredTwice: "page" });
  assert.deepEqual(
    failures.map(({ property }) => property),
    ["user", "name"],
  );
  assert.match(failures[1]?.reason ?? "", /^is that of the resource page too/);
});

test("what was lost on the way is refused with its path", async () => {
  const { failures = [] } = await checkService({}, { ...site, lostEntries: ["env.__proto__"] });
  assert.deepEqual(
    failures.map(({ property, reason }) => `${property} ${reason}`),
    ["env.__proto__ should have another name, since JavaScript keeps this one for itself"],
  );
});

test("a service is in maintenance with its host; where another stack declares that, what a refresh saw goes on", async () => {
  const stateOf = async (olds: Partial<ServiceState>, args: object) =>
    (await checkService(olds, { connection, host, name: "web", image: "web:1", ...args })).inputs?.state;
  const seen: Partial<ServiceState> = { state: "maintenance", tree: {} };
  assert.equal(await stateOf({}, { hostInMaintenance: true }), "maintenance");
  assert.equal(await stateOf({}, { hostInMaintenance: true, enabled: false }), "disabled");
  assert.equal(await stateOf(seen, { hostInMaintenance: false }), "running");
  assert.equal(await stateOf(seen, {}), "maintenance");
  assert.equal(await stateOf({ ...seen, tree: { maintenance: "declared\n" } }, {}), "running");
});
