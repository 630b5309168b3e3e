import assert from "node:assert/strict";
import { test } from "node:test";
import { algorithmsOf, describeKey, fingerprint, parseHostKey } from "../../../providers/remote/host-key.ts";

const KEY =
  "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl someone@somewhere";
const BLOB = Buffer.from(KEY.split(" ")[1] ?? "", "base64");
const ofType = (type: string) => ({ type, blob: BLOB });

test("a key is its type and its bytes, whatever its comment", () => {
  assert.deepEqual(parseHostKey(KEY), { type: "ssh-ed25519", blob: BLOB });
  assert.deepEqual(parseHostKey(KEY.replace(/ someone.*/, "\n")), { type: "ssh-ed25519", blob: BLOB });
});

test("half a key, and one under another type, are none", () => {
  for (const text of ["", "ssh-ed25519", "ssh-ed25519 AAAA", "ssh-ed25519 AAAAnowhere"]) {
    assert.equal(parseHostKey(text), null, text);
  }
  assert.equal(parseHostKey(KEY.replace("ssh-ed25519", "ssh-rsa")), null);
});

test("only the types of the keys are asked for, and RSA never with SHA-1", () => {
  assert.deepEqual(algorithmsOf([ofType("ssh-ed25519")]), ["ssh-ed25519"]);
  assert.deepEqual(algorithmsOf([ofType("ssh-rsa")]), ["rsa-sha2-512", "rsa-sha2-256"]);
  assert.deepEqual(algorithmsOf([ofType("ssh-rsa"), ofType("ecdsa-sha2-nistp256"), ofType("ssh-dss")]), [
    "ecdsa-sha2-nistp256",
    "rsa-sha2-512",
    "rsa-sha2-256",
  ]);
});

test("a fingerprint reads as OpenSSH prints it", () => {
  assert.equal(fingerprint(BLOB), "SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU");
  assert.equal(describeKey(BLOB), "ssh-ed25519 SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU");
});
