import assert from "node:assert/strict";
import { test } from "node:test";
import { runitFiles } from "../../providers/render/service-directory.ts";
import { contentsOf } from "../../providers/render/tree.ts";
import { storedService, storeService } from "../../providers/stored-service.ts";
import { serviceState } from "./plan/service-state.ts";

const OF_EVERY_SERVICE = contentsOf(runitFiles("web"));

test("what most services have is in no state, and what another has is", () => {
  const usual = serviceState({ tree: { ...OF_EVERY_SERVICE, drain: "3\n" } });
  const { enabled: _, modes: __, monitor: ___, ...rest } = usual;
  assert.deepEqual(storeService(usual), { ...rest, tree: { drain: "3\n" } });
  const { run: ____, ...withoutRun } = OF_EVERY_SERVICE;
  const edited = { ...withoutRun, finish: "#!/bin/sh\nexit 0\n" };
  const unusual = serviceState({ enabled: false, modes: { finish: "0700" }, monitor: 0, tree: edited });
  const left = { run: "(not there)\n", finish: edited.finish };
  assert.deepEqual(storeService(unusual), { ...unusual, tree: left });
  for (const state of [usual, unusual]) assert.deepEqual(storedService(storeService(state)), state);
});

test("what older versions left, with all that every service has, is read as it is", () => {
  const state = serviceState({ tree: OF_EVERY_SERVICE });
  assert.deepEqual(storedService(state), state);
});
