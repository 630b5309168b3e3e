import assert from "node:assert/strict";
import { test } from "node:test";
import { storedService, storeService } from "../../../providers/plan/stored-service.ts";
import { serviceState } from "./service-state.ts";

test("what most services have is in no state, and what another has is", () => {
  const usual = serviceState({});
  const { enabled: _, modes: __, monitor: ___, ...rest } = usual;
  assert.deepEqual(storeService(usual), rest);
  const unusual = serviceState({ enabled: false, modes: { run: "0700" }, monitor: 0 });
  assert.deepEqual(storeService(unusual), unusual);
  for (const state of [usual, unusual]) assert.deepEqual(storedService(storeService(state)), state);
});
