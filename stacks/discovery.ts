import * as pulumi from "@pulumi/pulumi";
import { type Certificate, EtcdAccess, Fleet, type HostReference, RundockService } from "rundock";
import { certificateFiles, certificatePaths } from "./certificate-files.ts";
import { Composition } from "./composition.ts";
import { corefile, PUBLIC_TTL } from "./corefile.ts";
import { ELECTION_FLAGS } from "./etcd-election.ts";
import { ANNOUNCER_USER, COREDNS_USER, type EtcdIdentities, MEMBER_NAME } from "./etcd-identities.ts";

const MEMBER_TLS = "/etc/etcd/tls";
const MEMBER_CA = "/etc/etcd/ca.pem";
/** Among CoreDNS's live configuration; it puts the variable's value there when it reads the Corefile. */
const COREDNS_TLS = certificatePaths("{$CONFIG}/tls");
/** etcd tells there how it is; on the loopback only, since it asks nobody who he is. */
const HEALTH_PORT = 2381;

export interface DiscoveryArgs {
  readonly domain: string;
  /** Where the members of etcd's cluster run; an odd number. */
  readonly members: readonly HostReference[];
  /** Where CoreDNS runs. */
  readonly hosts: readonly HostReference[];
  /** The zone that the world asks for, and which of the hosts answer it, at their public addresses. @default none */
  readonly publicZone?: { readonly domain: string; readonly hosts: readonly HostReference[] };
  readonly images: { readonly etcd: string; readonly coredns: string };
  /** By what they know each other. @default plain HTTP, open to everybody on the private network */
  readonly identities?: EtcdIdentities | undefined;
}

/** An etcd cluster that holds the records, and CoreDNS on every host, which answers from them. */
export class Discovery extends Composition {
  readonly services: readonly RundockService[];

  constructor(name: string, args: DiscoveryArgs, opts?: pulumi.ComponentResourceOptions) {
    super("Discovery", name, opts);
    const members = args.members.map((host) => this.#member(host, args));
    this.services = [...members, ...this.#servers(args, members).services];
    this.#grant(args, members);
  }

  /** Listens at the private address only; its data is in a named volume. Members are updated one at a time. */
  #member(host: HostReference, args: DiscoveryArgs): RundockService {
    const { name } = host.facts;
    const { images, identities } = args;
    return new RundockService(
      `etcd-${name}`,
      {
        host,
        name: "etcd",
        image: images.etcd,
        network: "host",
        volumes: ["etcd-data:/var/lib/etcd"],
        command: pulumi.output(identities?.id ?? "data").apply((folder) => memberCommand(host, args, folder)),
        ...(identities
          ? {
              ...liveCertificate(identities.member(name), identities.bundle),
              ready: { http: "/health", port: HEALTH_PORT, address: "127.0.0.1", timeout: 120 },
            }
          : { ready: { http: "/health", port: 2379, timeout: 120 } }),
        update: { group: "etcd" },
      },
      { parent: this },
    );
  }

  /** From then on etcd asks who is there. */
  #grant({ domain, publicZone, members, identities }: DiscoveryArgs, dependsOn: RundockService[]): void {
    const [host] = members;
    if (identities === undefined || host === undefined) return;
    const { rootPassword, announcerPassword: password } = identities;
    const prefixes = [
      keyOf("/skydns", domain),
      ...(publicZone ? [keyOf("/skydns-public", publicZone.domain)] : []),
    ];
    new EtcdAccess(
      "etcd",
      {
        host,
        rootPassword,
        users: [
          { name: ANNOUNCER_USER, password, prefixes, access: "readwrite" },
          { name: COREDNS_USER, prefixes, access: "read" },
        ],
      },
      { parent: this, dependsOn },
    );
  }

  #servers(args: DiscoveryArgs, etcd: RundockService[]): Fleet {
    const { hosts, members, domain, images, identities } = args;
    const endpoints = members.map((host) => clientUrl(host, identities !== undefined));
    const tls = identities === undefined ? undefined : COREDNS_TLS;
    return new Fleet(
      "coredns",
      {
        hosts,
        image: images.coredns,
        network: "host",
        command: ["-conf", "{config}/Corefile"],
        ...(identities ? READING_CERTIFICATES : { args: [AT_ONCE] }),
        perHost: (host) => {
          const { privateAddress: address } = host.facts;
          const publicZone = publicZoneOn(host, args);
          return {
            config: {
              directory: "/etc/coredns",
              files: {
                Corefile: corefile({ domain, address, endpoints, tls, ...publicZone }),
                ...(identities ? certificateFiles("tls", identities.coredns, identities.bundle) : {}),
              },
              reload: { signal: "USR1" },
            },
            ...(publicZone === undefined ? {} : { announce: asNameServer(publicZone.publicZone.domain) }),
          };
        },
        ready: { tcp: 53 },
        // It listens with reuseport: no query is refused while one takes the other's place.
        update: { order: "start-first" },
      },
      { parent: this, dependsOn: etcd },
    );
  }
}

/**
 * How CoreDNS ends. Told by TERM it waits for the queries at work, up to 5 s where a name server of the world is slow, while
 * the kernel still hands it half of the new ones, which it reads no more. So it leaves at once: who asked sends again.
 */
const AT_ONCE = "--stop-signal=SIGQUIT";

/**
 * A reload passes its sockets on, while a container that ends beside a new one takes the queries along that it has not read.
 * Only root may enter where the key lies; it may do nothing else that others may not but listen at port 53.
 */
const READING_CERTIFICATES = {
  user: "0:0",
  args: [AT_ONCE, "--cap-drop=ALL", "--cap-add=NET_BIND_SERVICE"],
  env: { CONFIG: "{config}" },
};

function publicZoneOn(host: HostReference, { publicZone }: DiscoveryArgs) {
  const address = host.facts.publicAddress;
  if (address === undefined || !publicZone?.hosts.includes(host)) return undefined;
  return { publicZone: { domain: publicZone.domain, address } };
}

/** CoreDNS's etcd plugin answers with what it finds under ns.dns when it is asked for the zone's name servers. */
function asNameServer(domain: string) {
  return { port: 53, as: "public" as const, domain, name: "ns", aliases: ["ns.dns"], ttl: PUBLIC_TTL };
}

/** etcd reads a certificate anew for each connection, but what it trusts only when it starts. */
function liveCertificate({ certificate, privateKey }: Certificate, bundle: pulumi.Output<string>) {
  const files = { "certificate.pem": certificate, "key.pem": pulumi.secret(privateKey) };
  return { config: { directory: MEMBER_TLS, files }, files: { [MEMBER_CA]: bundle } };
}

/** The key above all records of a domain. */
function keyOf(root: string, domain: string): string {
  return `${root}/${domain.split(".").reverse().join("/")}`;
}

/**
 * The data is of one cluster: members keep each other's URLs in it, and the passwords too. A cluster that is made anew begins
 * empty in a directory of its own.
 */
function memberCommand(
  host: HostReference,
  { members, domain, identities }: DiscoveryArgs,
  folder: string,
): string[] {
  const isSecure = identities !== undefined;
  return [
    "/usr/local/bin/etcd",
    `--name=${host.facts.name}`,
    `--data-dir=/var/lib/etcd/${folder}`,
    `--listen-client-urls=${clientUrl(host, isSecure)}`,
    `--advertise-client-urls=${clientUrl(host, isSecure)}`,
    `--listen-peer-urls=${peerUrl(host, isSecure)}`,
    `--initial-advertise-peer-urls=${peerUrl(host, isSecure)}`,
    `--initial-cluster=${members.map((each) => `${each.facts.name}=${peerUrl(each, isSecure)}`).join(",")}`,
    `--initial-cluster-token=${domain}`,
    "--auto-compaction-retention=1",
    ...ELECTION_FLAGS,
    ...(isSecure ? tlsFlags() : []),
  ];
}

/** Nobody gets in without a certificate of the authority's, and only members to the port for members. */
function tlsFlags(): string[] {
  const [certificate, key] = ["{config}/certificate.pem", "{config}/key.pem"];
  return [
    `--listen-metrics-urls=http://127.0.0.1:${HEALTH_PORT}`,
    `--cert-file=${certificate}`,
    `--key-file=${key}`,
    // The passwords are long and drawn by lot: a slow hash would only cost the members time.
    "--bcrypt-cost=4",
    "--client-cert-auth",
    `--trusted-ca-file=${MEMBER_CA}`,
    `--peer-cert-file=${certificate}`,
    `--peer-key-file=${key}`,
    "--peer-client-cert-auth",
    `--peer-trusted-ca-file=${MEMBER_CA}`,
    `--peer-cert-allowed-cn=${MEMBER_NAME}`,
  ];
}

function clientUrl({ facts }: HostReference, isSecure: boolean): string {
  return `${isSecure ? "https" : "http"}://${facts.privateAddress}:2379`;
}

function peerUrl({ facts }: HostReference, isSecure: boolean): string {
  return `${isSecure ? "https" : "http"}://${facts.privateAddress}:2380`;
}
