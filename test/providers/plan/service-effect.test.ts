import assert from "node:assert/strict";
import { test } from "node:test";
import { changesHost, diffService } from "../../../providers/plan/service-diff.ts";
import { describeAdoption, describeEffect } from "../../../providers/plan/service-effect.ts";
import type { ServiceState } from "../../../providers/plan/service-state.ts";
import { storeConnection } from "../../../providers/spec/connection.ts";
import { serviceState } from "./service-state.ts";

const connection = { address: "10.0.0.22", port: 22, user: "root", hostKey: "ssh-ed25519 AAAA" };
const web = serviceState({
  host: "back-2",
  address: "10.0.0.22",
  connection: storeConnection(connection),
  tree: {
    drain: "3\n",
    order: "stop-first\n",
    "current/identity": "i1\n",
    "current/container": "web:1\n",
    "current/config/a": "1",
  },
});

function withFiles(files: Record<string, string>): Partial<ServiceState> {
  return { release: "r2", tree: { ...web.tree, ...files } };
}

const EFFECTS: readonly [what: string, changes: Partial<ServiceState>, effect: RegExp][] = [
  [
    "a new container",
    withFiles({ "current/identity": "i2\n" }),
    /^back-2: web: new container, stop-first, about 2 s down$/,
  ],
  [
    "a new container, the first one that is announced",
    withFiles({ "current/identity": "i2\n", "current/announce": "{}" }),
    /^back-2: web: new container, stop-first, about 2 s down$/,
  ],
  [
    "a new container beside the old one",
    withFiles({ "current/identity": "i2\n", order: "start-first\n" }),
    /^back-2: web: new container, start-first, no interruption$/,
  ],
  ["live configuration", withFiles({ "current/config/a": "2" }), /reloaded, container untouched$/],
  ["an announcement", withFiles({ "current/announce": "{}" }), /announcement only, container untouched$/],
  ["a ready gate", withFiles({ "current/ready": "kind tcp\n" }), /files only, container untouched$/],
  [
    "a mounted file that a hand changed",
    withFiles({ "current/files/etc/a": "2" }),
    /new container, stop-first/,
  ],
  ["disabling", { enabled: false, state: "disabled" }, /withdrawn, stopped and unlinked$/],
  ["another host", { host: "back-3" }, /^back-3: web: moves from back-2 to back-3$/],
  [
    "another address of the host",
    { connection: storeConnection({ ...connection, address: "10.0.0.99" }) },
    /host untouched$/,
  ],
];

test("a preview counts the drain of a container that is found by its record, until the next one has it", () => {
  const served = { ...web, tree: { ...web.tree, "current/announce": "{}" } };
  const other = withFiles({ "current/identity": "i2\n" });
  assert.match(describeEffect(served, { ...served, ...other }), /about 2 s down$/, "no longer announced");
  const announced = withFiles({ "current/identity": "i2\n", "current/announce": "{}" });
  assert.match(describeEffect(served, { ...served, ...announced }), /about 5 s down$/);
});

const ADOPTION =
  "back-2: web: adopts what is there under its name; the container runs on if it is the same, else";

test("a preview tells that a new service adopts", () => {
  assert.equal(describeAdoption(web), `${ADOPTION} new container, stop-first, about 2 s down`);
  assert.match(describeAdoption({ ...web, enabled: false }), /; the container is stopped$/);
});

test("adopting is no change of a service that is there", () => {
  assert.deepEqual(diffService(web, { ...web, adopt: true }), { changes: false });
  const refused: ServiceState = { ...web, state: "stopped" };
  assert.ok(describeEffect(refused, { ...web, adopt: true }).startsWith(ADOPTION));
});

const rollout = { fleet: "web", maxParallel: 2, canary: 1, pause: 0 };

const ORDERS: readonly [what: string, rollout: ServiceState["rollout"], order: RegExp][] = [
  ["one canary", rollout, /2 s down \(canary first, then 2 at a time\)$/],
  ["several canaries", { ...rollout, canary: 3 }, /\(3 canaries first, then 2 at a time\)$/],
  ["no canary", { ...rollout, canary: 0 }, /\(2 at a time\)$/],
];

for (const [what, rollout, order] of ORDERS) {
  test(`a preview tells in which order a fleet with ${what} is updated`, () => {
    const wanted = { ...web, ...withFiles({ "current/identity": "i2\n" }), ...(rollout ? { rollout } : {}) };
    assert.match(describeEffect(web, wanted), order);
  });
}

test("a changed rollout is a change once, and none of the host", () => {
  const slower = { ...web, rollout: { ...rollout, maxParallel: 1 } };
  for (const [old, wanted] of [
    [web, slower],
    [{ ...web, rollout }, slower],
    [slower, web],
  ] as const) {
    assert.ok(diffService(old, wanted).changes);
    assert.ok(!changesHost(old, wanted));
    assert.match(describeEffect(old, wanted), /host untouched$/);
  }
  assert.deepEqual(diffService(slower, structuredClone(slower)), { changes: false });
});

for (const [what, changes, effect] of EFFECTS) {
  test(`a preview tells the effect of ${what}`, () => {
    assert.match(describeEffect(web, { ...web, ...changes }), effect);
    assert.ok(diffService(web, { ...web, ...changes }).changes);
  });
}

test("a container that does not run is a change, and equal states are none", () => {
  assert.match(describeEffect({ ...web, state: "stopped" }, web), /container started/);
  assert.deepEqual(diffService(web, structuredClone(web)), { changes: false });
});

test("a preview tells what maintenance does to the record, and that the container stays", () => {
  const served = { ...web, tree: { ...web.tree, "current/announce": "{}" } };
  const maintained = (files: object = {}): ServiceState => ({
    ...served,
    state: "maintenance",
    tree: { ...served.tree, maintenance: "declared\n", ...files },
  });
  const other = { "current/identity": "i2\n" };
  const effect = (old: ServiceState, wanted: ServiceState) =>
    describeEffect(old, wanted).slice("back-2: web: ".length);
  assert.equal(effect(served, maintained()), "withdrawn from DNS and drained, container untouched");
  assert.equal(effect(maintained(), served), "back in DNS, container untouched");
  assert.equal(effect(maintained(), maintained(other)), "new container, it stays out of DNS");
  assert.equal(
    effect(served, maintained(other)),
    "withdrawn from DNS and drained; new container, it stays out of DNS",
  );
  assert.ok(changesHost(served, maintained()));
});

test("a changed SSH address changes nothing on the host", () => {
  assert.ok(!changesHost(web, { ...web, connection: storeConnection({ ...connection, port: 2222 }) }));
});

test("a move makes the new one first, and so does a new name where both may run", () => {
  const { tree } = web;
  const beside = { ...web, tree: { ...tree, order: "start-first\n" } };
  assert.equal(diffService(beside, { ...beside, name: "site" }).deleteBeforeReplace, false);
  assert.equal(diffService(web, { ...web, host: "back-3" }).deleteBeforeReplace, false);
  assert.equal(diffService(web, { ...web, name: "site" }).deleteBeforeReplace, true);
});

test("a change that was cut off is completed, although the state says what is wanted", () => {
  const cutOff: ServiceState = { ...web, state: "unknown" };
  assert.ok(diffService(cutOff, web).changes);
  assert.ok(changesHost(cutOff, web));
  assert.match(describeEffect(cutOff, web), /completed, since its last change was cut off$/);
});

test("maintenance of the host is no change of the service there", () => {
  const kept: ServiceState = { ...web, state: "maintenance" };
  assert.equal(diffService(web, kept).changes, true);
  assert.equal(changesHost(web, kept), false);
  assert.match(describeEffect(web, kept), /host untouched$/);
});
