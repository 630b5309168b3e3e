import { createHmac } from "node:crypto";
import { type HostKey, parseHostKey } from "./host-key.ts";

/** A key as it is in the file. */
export interface KnownKey extends HostKey {
  /** Counted from 1. */
  readonly line: number;
}

/** All that a known_hosts file tells of one host. */
export interface KnownHost {
  readonly keys: readonly KnownKey[];
  readonly revoked: readonly KnownKey[];
  /** Keys that sign host certificates. */
  readonly authorities: readonly KnownKey[];
}

interface Line extends KnownKey {
  readonly marker: "" | "@revoked" | "@cert-authority";
  readonly patterns: string;
}

/**
 * Looks a host up as ssh does, by the format that sshd(8) documents: `[address]:port` where the port is not 22, and only
 * where the file has no such line the bare address. A revoked key counts whichever of the two it is marked under.
 * Lines that cannot be read are passed over.
 */
export function findKnownHost(text: string, address: string, port: number): KnownHost {
  const lines = text.split("\n").flatMap((line, index) => parseLine(line, index + 1) ?? []);
  const bare = spellings(address);
  const withPort = port === 22 ? bare : bare.map((each) => `[${each}]:${port}`);
  const about = (names: readonly string[], marker: Line["marker"]) =>
    lines.filter((line) => line.marker === marker && names.some((name) => matches(line.patterns, name)));
  const precise = (marker: Line["marker"]) => {
    const found = about(withPort, marker);
    return found.length > 0 ? found : about(bare, marker);
  };
  const revoked = about([...withPort, ...bare], "@revoked");
  const keys = precise("").filter(({ blob }) => !revoked.some((other) => other.blob.equals(blob)));
  return { keys, revoked, authorities: precise("@cert-authority") };
}

function parseLine(text: string, line: number): Line | null {
  const fields = text.trim().split(/[ \t]+/);
  const marker = fields[0]?.startsWith("@") ? fields.shift() : "";
  const [patterns = "", type = "", base64 = ""] = fields;
  const key = parseHostKey(`${type} ${base64}`);
  const isMarker = marker === "" || marker === "@revoked" || marker === "@cert-authority";
  if (key === null || !isMarker || patterns.startsWith("#")) return null;
  return { marker, patterns, ...key, line };
}

/** In lower case; an IPv6 address also in the one form in which programs write it. */
function spellings(address: string): string[] {
  const given = address.toLowerCase();
  const url = given.includes(":") ? URL.parse(`ssh://[${given}]`) : null;
  return [...new Set([given, url?.hostname.slice(1, -1) ?? given])];
}

/** One negated pattern that matches outweighs all others. */
function matches(patterns: string, name: string): boolean {
  if (patterns.startsWith("|")) return matchesHash(patterns, name);
  const list = patterns.toLowerCase().split(",");
  const negated = list.filter((pattern) => pattern.startsWith("!")).map((pattern) => pattern.slice(1));
  const plain = list.filter((pattern) => !pattern.startsWith("!"));
  const isMatch = (pattern: string) => matchesPattern(pattern, name);
  return plain.some(isMatch) && !negated.some(isMatch);
}

/** `|1|salt|hash`: the name is hidden, not the lookup. */
function matchesHash(hashed: string, name: string): boolean {
  const [, version, salt = "", hash = ""] = hashed.split("|");
  if (version !== "1") return false;
  const expected = createHmac("sha1", Buffer.from(salt, "base64")).update(name).digest();
  return expected.equals(Buffer.from(hash, "base64"));
}

/** `*` stands for any characters, `?` for one. */
function matchesPattern(pattern: string, name: string): boolean {
  const literal = pattern.replace(/[\\^$.|+()[\]{}]/g, "\\$&");
  return new RegExp(`^${literal.replaceAll("*", ".*").replaceAll("?", ".")}$`).test(name);
}
