import assert from "node:assert/strict";
import { test } from "node:test";
import { changesHost, diffService } from "../../../providers/plan/service-diff.ts";
import { describeEffect } from "../../../providers/plan/service-effect.ts";
import type { ServiceState } from "../../../providers/plan/service-state.ts";

const web: ServiceState = {
  host: "back-2",
  name: "web",
  image: "web:1",
  address: "10.0.0.22",
  connection: { address: "10.0.0.22", port: 22, user: "root", hostKey: "ssh-ed25519 AAAA" },
  enabled: true,
  state: "running",
  release: "r1",
  tree: { drain: "0\n", "current/identity": "i1\n", "current/container": "web:1\n", "current/config/a": "1" },
  modes: {},
};

function withFiles(files: Record<string, string>): Partial<ServiceState> {
  return { release: "r2", tree: { ...web.tree, ...files } };
}

const EFFECTS: readonly [what: string, changes: Partial<ServiceState>, effect: RegExp][] = [
  [
    "a new container",
    withFiles({ "current/identity": "i2\n" }),
    /^back-2: web: new container, stop-first, down while it starts$/,
  ],
  ["live configuration", withFiles({ "current/config/a": "2" }), /reloaded, container untouched$/],
  ["an announcement", withFiles({ "current/announce": "{}" }), /announcement only, container untouched$/],
  ["a ready gate", withFiles({ "current/ready": "kind tcp\n" }), /files only, container untouched$/],
  ["disabling", { enabled: false, state: "disabled" }, /withdrawn, stopped and unlinked$/],
  ["another host", { host: "back-3" }, /^back-3: web: moves from back-2$/],
  [
    "another address of the host",
    { connection: { ...web.connection, address: "10.0.0.99" } },
    /host untouched$/,
  ],
];

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

test("a changed SSH address changes nothing on the host", () => {
  assert.ok(!changesHost(web, { ...web, connection: { ...web.connection, port: 2222 } }));
});

test("a move makes the new one first; a new name on one host cannot", () => {
  assert.equal(diffService(web, { ...web, host: "back-3" }).deleteBeforeReplace, false);
  assert.equal(diffService(web, { ...web, name: "site" }).deleteBeforeReplace, true);
});
