import assert from "node:assert/strict";
import { test } from "node:test";
import { keysInText } from "../../stacks/plain-tls-keys.ts";
import { certificateFailures } from "../../stacks/tls-certificates.ts";
import { makeCertificate } from "../certificate.ts";

const one = makeCertificate(["one.example.com"]);
const two = makeCertificate(["two.example.com"]);

test("a certificate and the key that belongs to it are good", () => {
  assert.deepEqual(certificateFailures({ one, two }), []);
});

test("a key of another certificate, and what is no PEM, are told without their text", () => {
  const failures = certificateFailures({
    mixed: { ...one, key: two.key },
    broken: { certificate: "hush-certificate", key: "hush-key" },
  });
  assert.deepEqual(
    failures.map(({ path }) => path),
    ["tls.mixed.key", "tls.broken.certificate", "tls.broken.key"],
  );
  assert.doesNotMatch(JSON.stringify(failures), /hush|BEGIN/);
});

test("a key that is no secret is refused by its path", () => {
  const failures = certificateFailures({ one, "two-too": two }, ["one", "two-too"]);
  assert.deepEqual(
    failures.map(({ path }) => path),
    ["tls.one.key", 'tls["two-too"].key'],
  );
  assert.doesNotMatch(JSON.stringify(failures), /BEGIN/);
});

test("in a stack's file a key that is no secret is told from one that is", () => {
  const secret = { certificate: one.certificate, key: { secure: "v1:abc" } };
  assert.deepEqual(keysInText({ one, secret }), ["one"]);
  for (const nothing of [undefined, null, "text", { one: null }]) assert.deepEqual(keysInText(nothing), []);
});
