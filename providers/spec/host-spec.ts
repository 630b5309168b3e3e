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
  /** Whether all its services are kept out of DNS. */
  readonly maintenance: boolean;
  /** How etcd is known, and the announcer to it; null is plain HTTP without any login. */
  readonly etcdAccess: EtcdClientSpec | null;
  /** With what the host pulls private images. */
  readonly registries: readonly RegistryLoginSpec[];
}

export interface RegistryLoginSpec {
  /** The registry as in an image's name, such as `registry.example.com:5000` or `docker.io`. */
  readonly server: string;
  readonly username: string;
  readonly password: string;
}

/** Certificates and key as PEM; null is what there is not. */
export interface EtcdClientSpec {
  readonly ca: string | null;
  readonly certificate: string | null;
  readonly key: string | null;
  readonly username: string | null;
  readonly password: string | null;
}
