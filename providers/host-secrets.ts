import type { HostSecrets } from "./host-state.ts";
import { contentHash } from "./remote/host-scripts.ts";
import type { HostSnapshot } from "./remote/host-snapshot.ts";
import { UNKNOWN } from "./spec/unknown.ts";

/** What the constructor sends apart from the other arguments, in plain text here; it is secret in the state. */
export type SentSecrets =
  | {
      /** Of the registries, in their order. */
      readonly passwords?: readonly string[];
      readonly etcd?: { readonly key?: string; readonly password?: string };
    }
  | typeof UNKNOWN;

/** The arguments as the user wrote them, with what is secret where it belongs. */
export function withSecrets(
  { registries, etcdAccess, ...args }: Readonly<Record<string, unknown>>,
  secrets: SentSecrets | undefined,
): Record<string, unknown> {
  return {
    ...args,
    ...(registries === undefined ? {} : { registries: withPasswords(registries, secrets) }),
    ...(etcdAccess === undefined ? {} : { etcdAccess: withKey(etcdAccess as object, secrets) }),
  };
}

/** While nothing is known, a part that is secret counts as there where its other half is. */
function withKey(access: object, secrets: SentSecrets | undefined): object {
  if (secrets !== UNKNOWN) return { ...access, ...secrets?.etcd };
  const key = "certificate" in access ? { key: UNKNOWN } : {};
  const password = "username" in access ? { password: UNKNOWN } : {};
  return { ...access, ...key, ...password };
}

function withPasswords(registries: unknown, secrets: SentSecrets | undefined): unknown {
  if (secrets === undefined || !Array.isArray(registries)) return registries;
  return registries.map((login, index) => ({
    ...login,
    password: secrets === UNKNOWN ? UNKNOWN : secrets.passwords?.[index],
  }));
}

/** A secret never travels back: one that has another hash on the host, or that others may read, is shown as missing. */
export function observedHostSecrets(
  { salt, files }: HostSecrets,
  { hostFileHashes, hostFileModes }: HostSnapshot,
): HostSecrets {
  const same = Object.entries(files).filter(([name, content]) => {
    const path = `/etc/rundock/${name}`;
    return hostFileHashes[path] === contentHash(content) && (hostFileModes[path] ?? "0600") === "0600";
  });
  return { salt, files: Object.fromEntries(same) };
}
