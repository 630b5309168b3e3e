import { createHash } from "node:crypto";

/** A server's public key. */
export interface HostKey {
  /** As in front of the base64, such as `ssh-ed25519`. */
  readonly type: string;
  readonly blob: Buffer;
}

/** The signatures by which a key of each type proves itself, the one to be preferred first. */
const ALGORITHMS: Readonly<Record<string, readonly string[]>> = {
  "ssh-ed25519": ["ssh-ed25519"],
  "ecdsa-sha2-nistp256": ["ecdsa-sha2-nistp256"],
  "ecdsa-sha2-nistp384": ["ecdsa-sha2-nistp384"],
  "ecdsa-sha2-nistp521": ["ecdsa-sha2-nistp521"],
  "ssh-rsa": ["rsa-sha2-512", "rsa-sha2-256"],
};

/** Reads `type base64 comment`. @returns null when the two do not fit together. */
export function parseHostKey(text: string): HostKey | null {
  const [type = "", base64 = ""] = text.trim().split(/\s+/);
  const blob = Buffer.from(base64, "base64");
  return type !== "" && typeOf(blob) === type ? { type, blob } : null;
}

/** A key begins with its type, with the length in front. */
function typeOf(blob: Buffer): string | undefined {
  if (blob.length < 4) return undefined;
  return blob.subarray(4, 4 + blob.readUInt32BE()).toString("latin1");
}

/** What the handshake must ask for, so that a server with keys of several types shows one of these. */
export function algorithmsOf(keys: readonly HostKey[]): string[] {
  const types = new Set(keys.map(({ type }) => type));
  return Object.entries(ALGORITHMS).flatMap(([type, names]) => (types.has(type) ? names : []));
}

/** Type and fingerprint, the latter as OpenSSH prints it. */
export function describeKey(blob: Buffer): string {
  return `${typeOf(blob) ?? "a key"} ${fingerprint(blob)}`;
}

/** The fingerprint as OpenSSH prints it. */
export function fingerprint(blob: Buffer): string {
  return `SHA256:${createHash("sha256").update(blob).digest("base64").replace(/=+$/, "")}`;
}
