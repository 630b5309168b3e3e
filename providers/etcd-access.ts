import * as pulumi from "@pulumi/pulumi";
import { DynamicResource } from "./dynamic-resource.ts";
import type { HostReference } from "./host.ts";

/** Who may do what in an etcd cluster. */
export interface EtcdUser {
  /** In lower case; a role of the same name holds the rights. */
  readonly name: string;
  /** Kept as a Pulumi secret. @default none: etcd knows the user by the common name of a client's certificate, which its JSON gateway does not */
  readonly password?: pulumi.Input<string>;
  /** What the rights are for: keys such as `/skydns/com/example`, each with all keys below it. */
  readonly prefixes: readonly string[];
  /** Whether the user may only look, or change too. */
  readonly access: "read" | "readwrite";
}

/** Arguments of {@link EtcdAccess}. */
export interface EtcdAccessArgs {
  /** A host that announces to the cluster: by its `etcd` the cluster is reached. */
  readonly host: HostReference;
  /** Of etcd's user root, who may do everything. Kept as a Pulumi secret. */
  readonly rootPassword: pulumi.Input<string>;
  /** Everybody but root. One that is taken out of the list is removed, with its rights. */
  readonly users: readonly EtcdUser[];
}

/**
 * Users and rights in an etcd cluster, which from then on asks who is there. Let it depend on the cluster's members. A
 * changed password is set when it does not hold already. A refresh sees rights, roles and passwords of these users that
 * are others, and that etcd was told to ask nobody; destroying it leaves the cluster as it is.
 *
 * @throws in a preview for each argument that cannot be; in an `up` when the host or etcd cannot be reached, or etcd takes
 * neither the password of root nor a change.
 */
export class EtcdAccess extends DynamicResource {
  constructor(name: string, args: EtcdAccessArgs, opts: pulumi.CustomResourceOptions = {}) {
    const { host, rootPassword, users } = args;
    const passwords = users.map(({ name, password }) => [name, password ?? null] as const);
    super(
      "EtcdAccess",
      name,
      {
        host: host.facts.name,
        connection: host.connection,
        users: users.map(({ password: _, ...user }) => user),
        secrets: pulumi.secret({ root: rootPassword, users: Object.fromEntries(passwords) }),
      },
      opts,
    );
  }
}
