import assert from "node:assert/strict";
import { test } from "node:test";
import { publicNames } from "../../stacks/public-names.ts";

test("what lies in the zone is announced in it, the zone itself too, and nothing else", () => {
  const names = ["example.com", "www.example.com", "a.b.example.com", "*.example.com", "myexample.com"];
  assert.deepEqual(publicNames([...names, "www.example.com"], "example.com"), ["@", "www", "a.b"]);
});
