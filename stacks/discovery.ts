import type * as pulumi from "@pulumi/pulumi";
import { Fleet, type HostReference, RundockService } from "rundock";
import { Composition } from "./composition.ts";
import { corefile } from "./corefile.ts";

export interface DiscoveryArgs {
  readonly domain: string;
  /** Where the members of etcd's cluster run; an odd number. */
  readonly members: readonly HostReference[];
  /** Where CoreDNS runs. */
  readonly hosts: readonly HostReference[];
  readonly images: { readonly etcd: string; readonly coredns: string };
}

/** An etcd cluster that holds the records, and CoreDNS on every host, which answers from them. */
export class Discovery extends Composition {
  readonly services: readonly RundockService[];

  constructor(name: string, args: DiscoveryArgs, opts?: pulumi.ComponentResourceOptions) {
    super("Discovery", name, opts);
    const members = args.members.map((host) => this.#member(host, args));
    this.services = [...members, ...this.#servers(args, members).services];
  }

  /** Listens at the private address only; its data is in a named volume. Members are updated one at a time. */
  #member(host: HostReference, { members, domain, images }: DiscoveryArgs): RundockService {
    const { name, privateAddress } = host.facts;
    return new RundockService(
      `etcd-${name}`,
      {
        host,
        name: "etcd",
        image: images.etcd,
        network: "host",
        volumes: ["etcd-data:/var/lib/etcd"],
        command: [
          "/usr/local/bin/etcd",
          `--name=${name}`,
          "--data-dir=/var/lib/etcd/data",
          `--listen-client-urls=http://${privateAddress}:2379`,
          `--advertise-client-urls=http://${privateAddress}:2379`,
          `--listen-peer-urls=http://${privateAddress}:2380`,
          `--initial-advertise-peer-urls=http://${privateAddress}:2380`,
          `--initial-cluster=${members.map(({ facts }) => `${facts.name}=http://${facts.privateAddress}:2380`).join(",")}`,
          `--initial-cluster-token=${domain}`,
          "--auto-compaction-retention=1",
        ],
        ready: { http: "/health", port: 2379, timeout: 120 },
        update: { group: "etcd" },
      },
      { parent: this },
    );
  }

  #servers({ hosts, members, domain, images }: DiscoveryArgs, etcd: RundockService[]): Fleet {
    const endpoints = members.map(({ facts }) => `http://${facts.privateAddress}:2379`);
    return new Fleet(
      "coredns",
      {
        hosts,
        image: images.coredns,
        network: "host",
        command: ["-conf", "{config}/Corefile"],
        perHost: ({ facts }) => ({
          config: {
            directory: "/etc/coredns",
            files: { Corefile: corefile({ domain, address: facts.privateAddress, endpoints }) },
            reload: { signal: "USR1" },
          },
        }),
        ready: { tcp: 53 },
        // CoreDNS listens with reuseport.
        update: { order: "start-first" },
      },
      { parent: this, dependsOn: etcd },
    );
  }
}
