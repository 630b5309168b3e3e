import assert from "node:assert/strict";
import { test } from "node:test";
import { inRollouts } from "../../providers/operation.ts";
import type { ServiceState } from "../../providers/plan/service-state.ts";
import { RolloutHalted } from "../../providers/rollout.ts";
import { serviceState } from "./plan/service-state.ts";

function service(host: string, changes: Partial<ServiceState>): ServiceState {
  return serviceState({ host, ...changes });
}

/** Updates the services all at once. Who began and was watched for how long, and what became of each. */
async function update(services: readonly ServiceState[], failing = "") {
  const begun: string[] = [];
  const outcomes = await Promise.allSettled(
    services.map((each) =>
      inRollouts(each, async (monitor) => {
        begun.push(`${each.host} ${monitor}`);
        await new Promise(setImmediate);
        if (each.host === failing) throw new Error("broken");
      }),
    ),
  );
  const halted = outcomes.flatMap((outcome) =>
    outcome.status === "rejected" && outcome.reason instanceof RolloutHalted ? [outcome.reason.message] : [],
  );
  return { begun, halted };
}

const HOSTS = ["back-1", "back-2", "back-3"];

test("in a fleet only canaries are watched", async () => {
  const rollout = { fleet: "watched", maxParallel: 2, canary: 1, pause: 0 };
  const { begun } = await update(HOSTS.map((host) => service(host, { rollout })));
  assert.deepEqual(begun, ["back-1 3", "back-2 0", "back-3 0"]);
});

test("in a group all are watched, one at a time, and a failure stops the others", async () => {
  const { begun, halted } = await update(
    HOSTS.map((host) => service(host, { group: "etcd" })),
    "back-2",
  );
  assert.deepEqual(begun, ["back-1 3", "back-2 3"]);
  assert.equal(halted.length, 1);
  assert.match(halted[0] ?? "", /^the rollout of group etcd halted after back-2: web failed\n/);
});

test("a fleet and a group of the same name do not wait for each other", async () => {
  const rollout = { fleet: "twin", maxParallel: 1, canary: 0, pause: 0 };
  const { begun } = await update(
    [service("back-1", { rollout }), service("back-2", { group: "twin" })],
    "back-1",
  );
  assert.deepEqual(begun, ["back-1 0", "back-2 3"]);
});

test("a fleet's members that share a group with other services wait for those too", async () => {
  const rollout = { fleet: "front", maxParallel: 3, canary: 0, pause: 0 };
  const services = HOSTS.map((host) => service(host, { rollout, group: "edge" }));
  const { begun, halted } = await update([service("front-1", { group: "edge" }), ...services], "front-1");
  assert.deepEqual(begun, ["front-1 3"]);
  assert.equal(halted.length, 3);
});

test("a service alone waits for nobody", async () => {
  const { begun } = await update(
    HOSTS.map((host) => service(host, {})),
    "back-1",
  );
  assert.equal(begun.length, 3);
});
