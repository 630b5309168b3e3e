import { createHash } from "node:crypto";

/** The key's base64 part, without the type in front and the comment behind. */
function blobOf(hostKey: string): string {
  return hostKey.trim().split(/\s+/)[1] ?? "";
}

/** The key's algorithm, which the handshake must ask for: a server has several keys, one is pinned. */
export function hostKeyAlgorithms(hostKey: string): string[] {
  const type = hostKey.trim().split(/\s+/)[0] ?? "";
  return type === "ssh-rsa" ? ["rsa-sha2-512", "rsa-sha2-256"] : [type];
}

export function isPinnedKey(hostKey: string, shown: Buffer): boolean {
  return shown.equals(Buffer.from(blobOf(hostKey), "base64"));
}

/** The fingerprint as OpenSSH prints it. */
export function fingerprint(key: Buffer): string {
  return `SHA256:${createHash("sha256").update(key).digest("base64").replace(/=+$/, "")}`;
}
