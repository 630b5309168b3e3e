import type { Connection } from "../spec/connection.ts";

/** A host with every default filled in. */
export interface HostSpec {
  readonly name: string;
  readonly connection: Connection;
  readonly domain: string | null;
  readonly privateAddress: string;
  readonly publicAddress: string | null;
  /** etcd's client URLs; none means that nothing is announced. */
  readonly etcd: readonly string[];
}
