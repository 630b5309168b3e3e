import assert from "node:assert/strict";
import { test } from "node:test";
import { type Generations, generationsAt } from "../../../providers/certificates/generations.ts";

const POLICY = { validity: 3650, renewBefore: 1000, overlap: 7 };

/** What an `up` at each of the days makes of it: the numbers that are trusted, and the one that signs. */
function history(days: readonly string[], policy = POLICY): string[] {
  let old: Generations | undefined;
  return days.map((day) => {
    old = generationsAt(new Date(`${day}T12:00:00Z`), old, policy);
    return `${old.trusted.map(({ number }) => number).join("+")} signs ${old.signing}`;
  });
}

test("an authority stays while its end is far", () => {
  assert.deepEqual(history(["2026-01-01", "2026-01-02", "2030-01-01"]), [
    "1 signs 1",
    "1 signs 1",
    "1 signs 1",
  ]);
});

test("a new pair is trusted for a while before it signs, and the old one is trusted until the next renewal", () => {
  const days = [
    "2026-01-01",
    "2034-01-01",
    "2034-01-05",
    "2034-01-08",
    "2034-01-09",
    "2042-01-01",
    "2042-02-01",
  ];
  assert.deepEqual(history(days), [
    "1 signs 1",
    "1+2 signs 1",
    "1+2 signs 1",
    "1+2 signs 2",
    "1+2 signs 2",
    "2+3 signs 2",
    "2+3 signs 3",
  ]);
});

test("however late the next up comes, none signs that was not trusted by an up before", () => {
  assert.deepEqual(history(["2026-01-01", "2040-01-01"]), ["1 signs 1", "1+2 signs 1"]);
  assert.deepEqual(history(["2026-01-01", "2034-01-01"], { ...POLICY, overlap: 0 }), [
    "1 signs 1",
    "1+2 signs 1",
  ]);
});

test("another validity renews an authority once", () => {
  const policy = { ...POLICY, validity: 3000, overlap: 0 };
  const first = generationsAt(new Date("2026-01-01"), undefined, POLICY);
  const second = generationsAt(new Date("2026-02-01"), first, policy);
  const third = generationsAt(new Date("2026-02-02"), second, policy);
  assert.deepEqual([second.trusted.length, second.signing], [2, 1]);
  assert.equal(third.signing, 2);
  assert.equal(generationsAt(new Date("2026-02-03"), third, policy), third);
});
