import assert from "node:assert/strict";
import { test } from "node:test";
import type { HostSnapshot } from "../../providers/remote/host-snapshot.ts";
import { runitFiles } from "../../providers/render/service-directory.ts";
import { contentsOf } from "../../providers/render/tree.ts";
import { observedService, readResult } from "../../providers/service-read.ts";
import { storeConnection } from "../../providers/spec/connection.ts";
import { type StoredService, storedService, storeService } from "../../providers/stored-service.ts";
import { serviceState } from "./plan/service-state.ts";

const CONNECTION = { address: "10.0.0.21", port: 22, user: "root", hostKey: "ssh-ed25519 AAAA" };

/** Of a host with one service, whose container runs. */
function snapshotWith(trees: HostSnapshot["trees"]): HostSnapshot {
  const labels = { "rundock.identity": "i1", "rundock.release": "r1" };
  return {
    containers: [{ Names: ["/web"], ImageID: "sha256:1", State: "running", Labels: labels }],
    links: new Set(["web"]),
    secretHashes: {},
    secretModes: {},
    mountedHashes: {},
    hostFileHashes: {},
    hostFileModes: {},
    trees,
  };
}

test("what an older version left is read in the present form, so that a second refresh changes nothing", () => {
  const tree = { run: "#!/bin/sh\n", drain: "3\n", "current/identity": "i1\n" };
  const found = Object.entries(tree).map(([path, content]) => [
    path,
    { content, mode: path === "run" ? 0o755 : 0o644 },
  ]);
  const left = serviceState({ connection: CONNECTION, modes: { run: "0755" }, tree });
  const wanted = { ...left, connection: storeConnection(CONNECTION), modes: {} };
  const snapshot = snapshotWith({ web: Object.fromEntries(found) });
  assert.deepEqual(observedService(left, snapshot), wanted);
  assert.deepEqual(observedService(wanted, snapshot), wanted);
});

test("a mode that a hand changed is one of those that are said", () => {
  const run = { content: "#!/bin/sh\n", mode: 0o644 };
  const identity = { content: "i1\n", mode: 0o755 };
  const observed = observedService(
    serviceState({}),
    snapshotWith({ web: { run, "current/identity": identity } }),
  );
  assert.deepEqual(observed?.modes, { run: "0644", "current/identity": "0755" });
});

test("what Pulumi has is not told again, unless a change had failed or something is different on the host", () => {
  const files = { ...runitFiles("web"), "current/identity": { content: "i1\n", mode: 0o644 } };
  const tree = contentsOf(files);
  const state = serviceState({ connection: storeConnection(CONNECTION), modes: {}, tree });
  const read = (known: StoredService, content = "i1\n") => {
    const snapshot = snapshotWith({ web: { ...files, "current/identity": { content, mode: 0o644 } } });
    return readResult("back-1/web", known, observedService(storedService(known), snapshot) as typeof state);
  };
  const stored = storeService(state);
  // Older versions left all properties.
  for (const known of [stored, state]) {
    assert.deepEqual(read(known), { id: "back-1/web", props: known });
    assert.deepEqual(read({ ...known, failed: true }), { id: "back-1/web", props: stored, inputs: stored });
    const drifted = { ...stored, tree: { "current/identity": "i2\n" }, state: "stopped" };
    assert.deepEqual(read(known, "i2\n"), { id: "back-1/web", props: drifted, inputs: drifted });
  }
});
