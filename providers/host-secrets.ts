import type { HostSecrets } from "./host-state.ts";
import { contentHash } from "./remote/host-scripts.ts";
import type { HostSnapshot } from "./remote/host-snapshot.ts";
import { UNKNOWN } from "./spec/unknown.ts";

/** What the constructor sends apart from the other arguments, in plain text here; it is secret in the state. */
export type SentSecrets = { readonly passwords: readonly string[] } | typeof UNKNOWN;

/** The logins as the user wrote them, each with its password. */
export function withPasswords(registries: unknown, secrets: SentSecrets | undefined): unknown {
  if (secrets === undefined || !Array.isArray(registries)) return registries;
  return registries.map((login, index) => ({
    ...login,
    password: secrets === UNKNOWN ? UNKNOWN : secrets.passwords[index],
  }));
}

/** A secret never travels back: one that has another hash on the host is shown as missing. */
export function observedHostSecrets(
  { salt, files }: HostSecrets,
  hashes: HostSnapshot["hostFileHashes"],
): HostSecrets {
  const same = Object.entries(files).filter(
    ([name, content]) => hashes[`/etc/rundock/${name}`] === contentHash(content),
  );
  return { salt, files: Object.fromEntries(same) };
}
