import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { AttemptError } from "../../../providers/remote/attempt-error.ts";
import { judgeHostKey, noSuchKey, trustIn } from "../../../providers/remote/host-key-trust.ts";

const FILE = fileURLToPath(new URL("known_hosts", import.meta.url));
/** Keys of the file, as it marks them. */
const KEYS = {
  known: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGm2SBawOdPAB+Qk6ZnC+vMz/OUi+8r79gypWqjEZx/k",
  other: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIP2KuHNQAthckGJD6X3WLdZWExB1N/H82u57qEtvbmBi",
  revoked: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFHZ6CdbB6dr2VlT6Fsz8qLuxOKz5onAYNVmQlK+CDKM",
};
type Key = keyof typeof KEYS;

function trust(address: string, pinned?: Key, port = 22) {
  const hostKey = pinned === undefined ? {} : { hostKey: KEYS[pinned] };
  return trustIn({ address, port, user: "root", ...hostKey }, FILE);
}

function judge(address: string, shown: Key, pinned?: Key): string {
  const failure = judgeHostKey(
    trust(address, pinned),
    Buffer.from(KEYS[shown].split(" ")[1] ?? "", "base64"),
  );
  return failure === null
    ? "trusted"
    : [failure.cause, ...(failure.evidence ?? []), ...failure.advice].join("\n");
}

test("a host is trusted by its pinned key or by a known one, and a pinned one outweighs a known one", () => {
  assert.equal(judge("front-1", "known"), "trusted");
  assert.equal(judge("nobody", "other", "other"), "trusted");
  assert.equal(judge("front-1", "other", "other"), "trusted");
  assert.match(
    judge("front-1", "known", "other"),
    /^it shows ssh-ed25519 SHA256:\S+, which is not the pinned key \(SHA256:/,
  );
});

test("a revoked key is refused, whether it is pinned, known or neither", () => {
  for (const pinned of [undefined, "revoked", "known"] as const) {
    assert.match(
      judge("front-1", "revoked", pinned),
      /^it shows .*known_hosts marks as revoked in line 15\n/,
    );
  }
});

test("another key than the known one is refused with the known one's line", () => {
  assert.match(
    judge("front-1", "other"),
    /which is not as \S+known_hosts knows it \(line 12: ssh-ed25519 SHA256:\S+\)\n/,
  );
});

test("a host that is not known is refused, whatever it shows", () => {
  const message = judge("nobody", "known");
  assert.match(message, /no hostKey is pinned, and \S+known_hosts does not have nobody\n/);
  assert.match(judge("one.ca.example.com", "other"), /does not have one\.ca.*\nLine 19 is a @cert-authority/);
});

test("half a pinned key is like no key that a server shows", () => {
  const connection = { address: "nobody", port: 22, user: "root", hostKey: "ssh-ed25519 AAAA" };
  const half = trustIn(connection, FILE);
  for (const key of Object.values(KEYS)) {
    assert.notEqual(judgeHostKey(half, Buffer.from(key.split(" ")[1] ?? "", "base64")), null);
  }
});

test("the handshake asks for the known types, or for any where the error is to name the key", () => {
  assert.deepEqual(trust("front-1").algorithms, ["ssh-ed25519"]);
  assert.deepEqual(trust("back-2.example.com").algorithms, ["ssh-ed25519", "ecdsa-sha2-nistp256"]);
  assert.deepEqual(trust("nobody").algorithms, []);
  assert.deepEqual(trust("nobody", "other").algorithms, ["ssh-ed25519"]);
  assert.match(
    noSuchKey(trust("back-2.example.com")).cause,
    /known_hosts has .*: ecdsa-sha2-nistp256, ssh-ed25519$/,
  );
});

test("a file that is named must be there: it might revoke the key, a pinned one too", () => {
  const connection = { address: "nobody", port: 22, user: "root", hostKey: KEYS.other };
  assert.throws(
    () => trustIn(connection, "/nowhere/known_hosts"),
    (error: Error) =>
      error instanceof AttemptError &&
      /ENOENT.*\/nowhere\/known_hosts/.test(error.message) &&
      /rundock:knownHosts/.test(error.failure.advice.join()),
  );
});
