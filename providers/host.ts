import * as pulumi from "@pulumi/pulumi";
import { bootstrapMachine } from "./bootstrap.ts";
import { DynamicResource } from "./dynamic-resource.ts";
import type { BootstrapArgs } from "./spec/bootstrap.ts";
import type { Connection } from "./spec/connection.ts";
import type { HostFacts } from "./spec/service-input.ts";
import { withoutUndefined } from "./without-undefined.ts";

/** A login at a registry of images, for pulling. */
export interface RegistryLogin {
  /** The registry as in an image's name, such as `registry.example.com:5000`, or `docker.io`. */
  readonly server: string;
  /** The login's name. */
  readonly username: string;
  /** Kept as a Pulumi secret, whether it is given as one or not. */
  readonly password: pulumi.Input<string>;
}

/** An etcd that speaks TLS, and may ask who is there. */
export interface EtcdConnection {
  /** Such as https://10.0.0.21:2379. */
  readonly urls: readonly string[];
  /** The certificates by which its own is known, as PEM. @default those that the machine trusts */
  readonly ca?: pulumi.Input<string>;
  /**
   * What the announcer shows as a client, as PEM. Without a common name in it: etcd's gateway refuses one.
   * @default none
   */
  readonly certificate?: pulumi.Input<string>;
  /** The certificate's private key, as PEM. Kept as a Pulumi secret. @default none, where there is no certificate */
  readonly key?: pulumi.Input<string>;
  /** As whom the announcer logs in, once etcd asks. @default nobody */
  readonly username?: string;
  /** The user's. Kept as a Pulumi secret. @default none, where there is no user */
  readonly password?: pulumi.Input<string>;
}

/** Arguments of a {@link Host}. Plain values, so that a preview knows them before the host exists. */
export interface HostArgs {
  /** Where its SSH server is: a name or an IP address; one of IPv6 without brackets. */
  readonly address: string;
  /** The port of its SSH server. @default 22 */
  readonly port?: number;
  /** The login; any other than root needs sudo without a password. @default "root" */
  readonly user?: string;
  /**
   * The server's public key as `type base64`; `ssh-keyscan ADDRESS` shows it, and you compare it with what the
   * machine's console says. A server that shows another key is refused, and so is one whose key known_hosts marks as
   * revoked. @default known_hosts of the machine where Pulumi runs must have it (`rundock:knownHosts`, or
   * ~/.ssh/known_hosts); a host that it does not know is refused
   */
  readonly hostKey?: string;
  /** The address by which the other hosts reach it. Services are published and announced here unless told otherwise. */
  readonly privateAddress: string;
  /** The address by which the world reaches it. @default none */
  readonly publicAddress?: string;
  /** The domain under which its services are announced, for example `s.prod.example.com`. @default nothing is announced */
  readonly domain?: string;
  /** The etcd of the announcer: client URLs alone mean plain HTTP without any login. @default nothing is announced */
  readonly etcd?: readonly string[] | EtcdConnection;
  /**
   * Whether all its services are kept out of DNS while their containers run on. An `up` that sets it ends when the
   * records went and the longest `update.drain` has passed. @default false
   */
  readonly maintenance?: boolean;
  /** With what it pulls private images. @default what root's own `docker login` left on the machine */
  readonly registries?: readonly RegistryLogin[];
  /** The host to reach it through, which may have one in its turn. @default none */
  readonly jump?: Host;
  /**
   * Makes a bare Debian (12 or newer) or Ubuntu (22.04 or newer) machine ready first: installs and starts runit, Docker
   * and what else it lacks. It is a resource of its own, `NAME-bootstrap`, of the package `@pulumi/command`, which you
   * install. Needs `hostKey`, pinned, and at most one host on the way. @default false
   */
  readonly bootstrap?: boolean | BootstrapArgs;
}

/** A machine of this program or of another stack, as services need to know it. */
export interface HostReference {
  /** What services need to know of it. */
  readonly facts: HostFacts;
  /** How it is reached. */
  readonly connection: Connection;
  /** Whether all its services are kept out of DNS. @default where another stack declares it, nobody knows */
  readonly inMaintenance?: boolean;
}

/**
 * A machine that runs services: its scripts, its announcer and how to reach it. The machine must have runit, Docker,
 * curl, jq and netcat-openbsd, or `bootstrap`; what it lacks is listed in the error.
 *
 * @throws in a preview for each argument that cannot be; in an `up` when the host cannot be reached, shows another key or
 * lacks a program.
 */
export class Host extends DynamicResource implements HostReference {
  /** What services need to know of it. */
  readonly facts: HostFacts;
  /** How it is reached. */
  readonly connection: Connection;
  /** What is declared; {@link Host.maintenance} is what is on the host. */
  readonly inMaintenance: boolean;
  /** Whether its services are kept out of DNS. */
  declare readonly maintenance: pulumi.Output<boolean | undefined>;

  constructor(name: string, args: HostArgs, opts?: pulumi.CustomResourceOptions) {
    const { address, port = 22, user = "root", hostKey, jump, ...rest } = args;
    const { registries = [], etcd, bootstrap, ...facts } = rest;
    const connection: Connection = {
      name,
      address,
      port,
      user,
      ...(hostKey === undefined ? {} : { hostKey }),
      ...(jump === undefined ? {} : { jump: jump.connection }),
    };
    const needs = bootstrapMachine(connection, bootstrap, opts);
    super(
      "Host",
      name,
      { name, ...facts, connection, ...etcdProperties(etcd), ...secretProperties(registries, etcd) },
      pulumi.mergeOptions(opts, { dependsOn: needs }),
    );
    const { maintenance = false, ...known } = facts;
    this.facts = { name, ...known };
    this.connection = connection;
    this.inMaintenance = maintenance;
  }
}

/** A plain etcd has its URLs alone. */
function etcdProperties(etcd: HostArgs["etcd"]): pulumi.Inputs {
  if (etcd === undefined) return {};
  if (!("urls" in etcd)) return { etcd };
  const { urls, ca, certificate, username } = etcd;
  return { etcd: urls, etcdAccess: withoutUndefined({ ca, certificate, username }) };
}

/** What is secret travels apart, so that a preview shows the rest; a host without has neither property. */
function secretProperties(registries: readonly RegistryLogin[], etcd: HostArgs["etcd"]): pulumi.Inputs {
  const logins = registries.map(({ server, username }) => ({ server, username }));
  const passwords = registries.map(({ password }) => password);
  const access = etcd !== undefined && "urls" in etcd ? etcd : undefined;
  const ofEtcd = withoutUndefined({ key: access?.key, password: access?.password });
  const secrets = {
    ...(logins.length === 0 ? {} : { passwords }),
    ...(Object.keys(ofEtcd).length === 0 ? {} : { etcd: ofEtcd }),
  };
  return {
    ...(logins.length === 0 ? {} : { registries: logins }),
    ...(Object.keys(secrets).length === 0 ? {} : { secrets: pulumi.secret(secrets) }),
  };
}
