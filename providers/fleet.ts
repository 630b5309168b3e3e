import * as pulumi from "@pulumi/pulumi";
import type { HostReference } from "./host.ts";
import { RundockService, type RundockServiceArgs } from "./service.ts";
import type { RolloutPolicyInput } from "./spec/service-input.ts";

/** Arguments of a {@link Fleet}: those of a {@link RundockService}, with `hosts` in place of its `host`. */
export type FleetArgs = Omit<RundockServiceArgs, "host" | "name" | "rollout"> & {
  /** The machines that it runs on, each once. Who is updated first is left to Pulumi, and not in this order. */
  readonly hosts: readonly HostReference[];
  /** The name of the container, of the runit service and of the record on every host. @default the fleet's name */
  readonly name?: string;
  /**
   * What is different on one host. An argument that it gives stands in the place of the fleet's as a whole: an `env` from
   * here has none of the values of the fleet's `env`. @default all hosts have the same
   */
  readonly perHost?: (host: HostReference) => Partial<Omit<RundockServiceArgs, "host" | "name" | "rollout">>;
  /** How an update goes from host to host. @default one canary, then one host at a time, until one fails */
  readonly rollout?: RolloutPolicyInput;
};

/**
 * One service on many hosts, as a {@link RundockService} called FLEET-HOST on each. All are created at once; an update
 * goes from host to host, and stops where one fails.
 *
 * @throws as its services do: the error of the host that failed, and one of each host whose update was therefore not begun.
 */
export class Fleet extends pulumi.ComponentResource {
  /** In the order of the hosts. */
  readonly services: readonly RundockService[];
  readonly #byHost: ReadonlyMap<string, RundockService>;

  constructor(name: string, args: FleetArgs, opts: pulumi.ComponentResourceOptions = {}) {
    super("rundock:index:Fleet", name, {}, opts);
    const { hosts, perHost, rollout: policy, ...shared } = args;
    const rollout = { ...policy, fleet: name, size: hosts.length };
    const memberOpts = this.#memberOptions(opts);
    this.#byHost = new Map(
      hosts.map((host) => [
        host.facts.name,
        new RundockService(
          `${name}-${host.facts.name}`,
          { name, ...shared, ...perHost?.(host), host, rollout },
          memberOpts,
        ),
      ]),
    );
    this.services = [...this.#byHost.values()];
    this.registerOutputs({});
  }

  /** The service on the host of that name. @throws when the fleet has no such host. */
  on(hostName: string): RundockService {
    const service = this.#byHost.get(hostName);
    if (service) return service;
    const known = [...this.#byHost.keys()].join(", ");
    throw new Error(`the fleet has no host ${hostName}; its hosts are ${known}`);
  }

  /** Services of the same names that stood beside the fleet become its members and are not made anew. */
  #memberOptions({ parent, dependsOn }: pulumi.ComponentResourceOptions): pulumi.CustomResourceOptions {
    const aliases = [{ parent: parent ?? pulumi.rootStackResource }];
    return { parent: this, aliases, ...(dependsOn === undefined ? {} : { dependsOn }) };
  }
}
