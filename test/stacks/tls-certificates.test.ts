import assert from "node:assert/strict";
import { test } from "node:test";
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
