import assert from "node:assert/strict";
import { test } from "node:test";
import { fingerprint, hostKeyAlgorithms, isPinnedKey } from "../../../providers/remote/host-key.ts";

const KEY =
  "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl someone@somewhere";
const SHOWN = Buffer.from(KEY.split(" ")[1] ?? "", "base64");

test("the pinned key is known by its bytes, whatever its comment", () => {
  assert.ok(isPinnedKey(KEY, SHOWN));
  assert.ok(isPinnedKey(KEY.replace(/ someone.*/, ""), SHOWN));
});

test("another key is refused, and so is an empty one", () => {
  assert.ok(!isPinnedKey(KEY, Buffer.concat([SHOWN, Buffer.of(0)])));
  assert.ok(!isPinnedKey("ssh-ed25519", SHOWN));
});

test("only the pinned type is asked for", () => {
  assert.deepEqual(hostKeyAlgorithms(KEY), ["ssh-ed25519"]);
  assert.deepEqual(hostKeyAlgorithms("ssh-rsa AAAA"), ["rsa-sha2-512", "rsa-sha2-256"]);
});

test("a fingerprint reads as OpenSSH prints it", () => {
  assert.equal(fingerprint(SHOWN), "SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU");
});
