import type * as pulumi from "@pulumi/pulumi";
import { Fleet, type HostReference, RundockService } from "rundock";
import { Composition } from "./composition.ts";
import { corefile, PUBLIC_TTL } from "./corefile.ts";

export interface DiscoveryArgs {
  readonly domain: string;
  /** Where the members of etcd's cluster run; an odd number. */
  readonly members: readonly HostReference[];
  /** Where CoreDNS runs. */
  readonly hosts: readonly HostReference[];
  /** The zone that the world asks for, and which of the hosts answer it, at their public addresses. @default none */
  readonly publicZone?: { readonly domain: string; readonly hosts: readonly HostReference[] };
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

  #servers(args: DiscoveryArgs, etcd: RundockService[]): Fleet {
    const { hosts, members, domain, images } = args;
    const endpoints = members.map(({ facts }) => `http://${facts.privateAddress}:2379`);
    return new Fleet(
      "coredns",
      {
        hosts,
        image: images.coredns,
        network: "host",
        command: ["-conf", "{config}/Corefile"],
        perHost: (host) => {
          const { privateAddress: address } = host.facts;
          const publicZone = publicZoneOn(host, args);
          return {
            config: {
              directory: "/etc/coredns",
              files: { Corefile: corefile({ domain, address, endpoints, ...publicZone }) },
              reload: { signal: "USR1" },
            },
            ...(publicZone === undefined ? {} : { announce: asNameServer(publicZone.publicZone.domain) }),
          };
        },
        ready: { tcp: 53 },
        // CoreDNS listens with reuseport.
        update: { order: "start-first" },
      },
      { parent: this, dependsOn: etcd },
    );
  }
}

function publicZoneOn(host: HostReference, { publicZone }: DiscoveryArgs) {
  const address = host.facts.publicAddress;
  if (address === undefined || !publicZone?.hosts.includes(host)) return undefined;
  return { publicZone: { domain: publicZone.domain, address } };
}

/** CoreDNS's etcd plugin answers with what it finds under ns.dns when it is asked for the zone's name servers. */
function asNameServer(domain: string) {
  return { port: 53, as: "public" as const, domain, name: "ns", aliases: ["ns.dns"], ttl: PUBLIC_TTL };
}
