import type { Connection } from "./spec/connection.ts";

/** Marked secret as a whole; written 0600 on the host. */
export interface HostSecrets {
  /** The key of the hashes that stand for the secrets in the files. */
  readonly salt: string;
  /** Name under /etc/rundock -> content. */
  readonly files: Readonly<Record<string, string>>;
}

/** What Pulumi keeps of a host: how to reach it, and hashes of what is installed on it. */
export interface HostState {
  readonly name: string;
  readonly connection: Connection;
  /** Name under /etc/rundock -> content. */
  readonly files: Readonly<Record<string, string>>;
  /** Name under /usr/local/lib/rundock -> sha256. */
  readonly scripts: Readonly<Record<string, string>>;
  /** Only while the host is. */
  readonly maintenance?: boolean;
  readonly secrets?: HostSecrets;
}
