import * as pulumi from "@pulumi/pulumi";
import type { Connection } from "./spec/connection.ts";
import type { HostFacts } from "./spec/service-input.ts";

/** Arguments of a {@link Host}. Plain values, so that a preview knows them before the host exists. */
export interface HostArgs {
  /** Where its SSH server is: a name or an IP address. */
  readonly address: string;
  /** @default 22 */
  readonly port?: number;
  /** The login; any other than root needs sudo without a password. @default "root" */
  readonly user?: string;
  /**
   * The server's public key as `type base64`; `ssh-keyscan ADDRESS` shows it, and you compare it with what the
   * machine's console says. A server that shows another key is refused.
   */
  readonly hostKey: string;
  /** The address by which the other hosts reach it. Services are published and announced here unless told otherwise. */
  readonly privateAddress: string;
  /** The address by which the world reaches it. @default none */
  readonly publicAddress?: string;
  /** The domain under which its services are announced, for example `s.prod.example.com`. @default nothing is announced */
  readonly domain?: string;
  /** etcd's client URLs, for the announcer. @default nothing is announced */
  readonly etcd?: readonly string[];
  /** The host to reach it through. @default none */
  readonly jump?: Host;
}

/**
 * A machine that runs services: its scripts, its announcer and how to reach it. The machine must have runit, Docker,
 * curl, jq and netcat-openbsd; what it lacks is listed in the error.
 */
export class Host extends pulumi.dynamic.Resource {
  /** What services need to know of it. */
  readonly facts: HostFacts;
  readonly connection: Connection;

  constructor(name: string, args: HostArgs, opts?: pulumi.CustomResourceOptions) {
    const { address, port = 22, user = "root", hostKey, jump, ...facts } = args;
    const connection: Connection = {
      address,
      port,
      user,
      hostKey,
      ...(jump === undefined ? {} : { jump: jump.connection }),
    };
    super(stub, name, { name, ...facts, connection }, opts, "rundock", "Host");
    const { etcd: _, ...known } = facts;
    this.facts = { name, ...known };
    this.connection = connection;
  }
}

/** Serialized into the state, so constant: it captures nothing and loads the installed code when it is called. */
const stub: pulumi.dynamic.ResourceProvider = {
  configure: async (request) => (await import("rundock/provider")).configure(request),
  check: async (olds, news) => (await import("rundock/provider")).host.check(olds, news),
  diff: async (id, olds, news) => (await import("rundock/provider")).host.diff(id, olds, news),
  create: async (inputs) => (await import("rundock/provider")).host.create(inputs),
  read: async (id, props) => (await import("rundock/provider")).host.read(id, props),
  update: async (id, olds, news) => (await import("rundock/provider")).host.update(id, olds, news),
  delete: async (id, props) => (await import("rundock/provider")).host.delete(id, props),
};
