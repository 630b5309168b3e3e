import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { findKnownHost } from "../../../providers/remote/known-hosts.ts";

const FILE = fileURLToPath(new URL("known_hosts", import.meta.url));
const TEXT = readFileSync(FILE, "utf8");
/** Line 15 marks a key as revoked for every host. */
const ALWAYS_REVOKED = [15];

/** The lines of the file that tell something of the host. */
function linesOf(address: string, port = 22) {
  const { keys, revoked, authorities } = findKnownHost(TEXT, address, port);
  const lines = (found: typeof keys) => found.map(({ line }) => line);
  return { keys: lines(keys), revoked: lines(revoked), authorities: lines(authorities) };
}

const known = (...keys: number[]) => ({ keys, revoked: ALWAYS_REVOKED, authorities: [] });

test("a hashed name is found, with all its keys", () => {
  assert.deepEqual(linesOf("back-1.example.com"), known(2, 3, 4));
  assert.deepEqual(
    findKnownHost(TEXT, "back-1.example.com", 22).keys.map(({ type }) => type),
    ["ssh-ed25519", "ssh-rsa", "ecdsa-sha2-nistp256"],
  );
});

test("a port other than 22 has keys of its own, hashed or not", () => {
  assert.deepEqual(linesOf("back-1.example.com", 2222), known(5));
  assert.deepEqual(linesOf("203.0.113.11", 2222), known(13));
});

test("a port that the file does not have is known by the bare name, as ssh does it", () => {
  assert.deepEqual(linesOf("back-2.example.com", 2200), known(10, 11));
});

test("IPv6 addresses are found however they are written, and with a port", () => {
  assert.deepEqual(linesOf("2001:db8::21"), known(6));
  assert.deepEqual(linesOf("2001:DB8:0:0::21"), known(6));
  assert.deepEqual(linesOf("2001:db8::21", 2222), known(7));
  assert.deepEqual(linesOf("2001:db8::22"), known(24));
  assert.deepEqual(linesOf("fe80::1%eth0"), known(24));
});

test("a list of names and addresses, in any case", () => {
  for (const name of ["front-1", "Front-1", "203.0.113.11"]) assert.deepEqual(linesOf(name), known(12));
});

test("wildcards match, and a negated pattern outweighs them", () => {
  for (const name of ["a.lan", "a.b.lan", "host", "h1st"]) assert.deepEqual(linesOf(name), known(14), name);
  for (const name of ["guest.lan", "lan", "hoost", "a.lan.example.com", "axlan"]) {
    assert.deepEqual(linesOf(name), known(), name);
  }
});

test("a dot in a pattern is a dot", () => {
  assert.deepEqual(linesOf("front-1xexample.com"), known());
});

test("a revoked key is no key of the host, under whichever of its names it is marked", () => {
  assert.deepEqual(linesOf("front-1.example.com"), { keys: [12], revoked: [15, 16], authorities: [] });
  assert.deepEqual(linesOf("front-1.example.com", 2222), { keys: [13], revoked: [15, 16], authorities: [] });
  assert.deepEqual(linesOf("front-2.example.com", 2222), { keys: [], revoked: [15, 16], authorities: [] });
  assert.deepEqual(linesOf("front-2.example.com"), known(18));
});

test("a certificate authority is not a key of the host", () => {
  assert.deepEqual(linesOf("one.ca.example.com"), { keys: [], revoked: [15], authorities: [19] });
});

test("a host that is not there has no key", () => {
  assert.deepEqual(linesOf("back-3.example.com"), known());
  assert.deepEqual(findKnownHost("", "back-1.example.com", 22), { keys: [], revoked: [], authorities: [] });
});

test("Windows line ends and a last line without one make no difference", () => {
  const line = TEXT.split("\n")[10] ?? "";
  for (const text of [line, `${line}\r\n`, `\r\n${line}\r\n`]) {
    assert.equal(findKnownHost(text, "back-2.example.com", 22).keys.length, 1);
  }
});

test("ssh-keygen finds the same lines", () => {
  const names = [
    "back-1.example.com",
    "2001:db8::21",
    "back-2.example.com",
    "203.0.113.11",
    "a.lan",
    "guest.lan",
  ];
  const others = ["h1st", "one.ca.example.com", "front-2.example.com", "fe80::1%eth0", "nobody"];
  for (const name of [...names, ...others]) assert.deepEqual(linesOf(name), askSshKeygen(name), name);
  for (const name of ["back-1.example.com", "2001:db8::21", "front-1.example.com"]) {
    assert.deepEqual(linesOf(name, 2222).keys, askSshKeygen(`[${name}]:2222`).keys, name);
  }
});

function askSshKeygen(name: string): ReturnType<typeof linesOf> {
  const { stdout } = spawnSync("ssh-keygen", ["-F", name, "-f", FILE], { encoding: "utf8" });
  const found = [...stdout.matchAll(/^# Host .* found: line (\d+) *(\S*)$/gm)];
  const marked = (mark: string) =>
    found.filter(([, , shown]) => shown === mark).map(([, line]) => Number(line));
  return { keys: marked(""), revoked: marked("REVOKED"), authorities: marked("CA") };
}
