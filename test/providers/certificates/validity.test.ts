import assert from "node:assert/strict";
import { test } from "node:test";
import { validityAt, validityFrom } from "../../../providers/certificates/validity.ts";

const POLICY = { validity: 365, renewBefore: 100 };
const FIRST = { notBefore: "2026-01-10T00:00:00.000Z", notAfter: "2027-01-10T00:00:00.000Z" };

function at(day: string, old = FIRST, policy = POLICY) {
  return validityAt(new Date(day), old, policy);
}

test("a validity begins with the day, so that a preview and its update agree", () => {
  assert.deepEqual(validityFrom(new Date("2026-01-10T14:30:00Z"), POLICY), FIRST);
  assert.deepEqual(validityFrom(new Date("2026-01-10T23:59:00Z"), POLICY), FIRST);
});

test("a host whose clock is an hour behind takes what begins now", () => {
  const { notBefore } = validityFrom(new Date("2026-01-11T00:30:00Z"), POLICY);
  assert.equal(notBefore, "2026-01-10T00:00:00.000Z");
});

test("it stays until so many days before its end, and then it is a new one", () => {
  assert.deepEqual(at("2026-10-01T23:00:00Z"), FIRST);
  assert.deepEqual(at("2026-10-02T12:00:00Z"), {
    notBefore: "2026-10-02T00:00:00.000Z",
    notAfter: "2027-10-02T00:00:00.000Z",
  });
  assert.notDeepEqual(at("2028-01-01T00:00:00Z"), FIRST, "one that has run out");
});

test("another length is another validity, other days before the end are not", () => {
  assert.notDeepEqual(at("2026-02-01", FIRST, { validity: 300, renewBefore: 100 }), FIRST);
  assert.deepEqual(at("2026-02-01", FIRST, { validity: 365, renewBefore: 200 }), FIRST);
});
