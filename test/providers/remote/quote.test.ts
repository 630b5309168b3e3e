import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import fc from "fast-check";
import { quoteWords } from "../../../providers/remote/quote.ts";

test("any words pass through a real shell unchanged", () => {
  const word = fc.string({ unit: "binary", maxLength: 30 }).filter((text) => !text.includes("\0"));
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 5 }), (words) => {
      const line = `printf '%s\\0' ${quoteWords(words)}`;
      const printed = execFileSync("sh", ["-c", line], { encoding: "utf8" });
      assert.deepEqual(
        printed.split("\0").slice(0, -1),
        words.map((text) => text.toWellFormed()),
      );
    }),
    { numRuns: 100 },
  );
});

test("plain words stay readable", () => {
  assert.equal(quoteWords(["docker", "run", "--name=web", "it's"]), `docker run --name=web 'it'\\''s'`);
});
