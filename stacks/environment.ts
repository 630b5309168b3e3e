import { Host, type HostArgs, type HostReference } from "rundock";
import { EtcdTransport } from "../providers/etcd-transport.ts";
import type { CompositionName } from "./composition-names.ts";
import type { Configuration } from "./configuration.ts";
import { ANNOUNCER_USER, EtcdIdentities } from "./etcd-identities.ts";
import type { ConfiguredHost } from "./parse-configuration.ts";

/** A machine and what it is there for. */
export interface Machine {
  readonly host: HostReference;
  readonly roles: ConfiguredHost["roles"];
}

/** The machines of one environment, whoever set them up, and what runs on them already. */
export interface Environment {
  readonly domain: string;
  /** The zone under which the world finds the frontends; undefined when there is none. */
  readonly publicDomain?: string | undefined;
  readonly machines: readonly Machine[];
  /** What other stacks have deployed. */
  readonly deployed: readonly CompositionName[];
  /** Of the etcd that this stack deploys, when it is to be secure. Never put out: it holds secrets. */
  readonly identities?: EtcdIdentities | undefined;
}

/**
 * etcd's members run on the backends; each host asks its own member first. No host turns to another transport than that of
 * the members that run.
 */
export function createEnvironment({
  domain,
  publicDomain,
  hosts: configured,
  deploy,
  discovery,
}: EnvironmentSettings): Environment {
  const members = configured.filter(({ roles }) => roles.includes("backend"));
  const isSecure = discovery.security === "tls";
  const identities = isSecure && deploy.includes("discovery") ? identitiesOf(members, discovery) : undefined;
  const dependsOn = deploy.includes("discovery") ? [new EtcdTransport("etcd", discovery.security)] : [];
  const hosts = new Map<string, Host>();
  const inOrder = [...configured].sort((a, b) => jumpsTo(a, configured) - jumpsTo(b, configured));
  for (const { name, roles: _, jump, ...args } of inOrder) {
    const via = jump === undefined ? undefined : hosts.get(jump);
    const urls = etcdUrls(members, name, isSecure ? "https" : "http");
    const etcd = isSecure ? identities && secureEtcd(urls, identities) : urls;
    const given = { ...withoutUndefined(args), ...(etcd ? { etcd } : {}), ...(via ? { jump: via } : {}) };
    hosts.set(name, new Host(name, { ...given, domain }, { dependsOn }));
  }
  const machines = configured.map(({ name, roles }) => ({ host: hosts.get(name) as Host, roles }));
  return { domain, publicDomain, machines, deployed: [], identities };
}

/** What an environment follows from. */
type EnvironmentSettings = Pick<Configuration, "domain" | "publicDomain" | "hosts" | "deploy" | "discovery">;

function identitiesOf(
  members: readonly ConfiguredHost[],
  { security: _, ...days }: Configuration["discovery"],
): EtcdIdentities {
  const addresses = members.map(({ name, privateAddress }) => [name, privateAddress]);
  return new EtcdIdentities("etcd", { members: Object.fromEntries(addresses), ...days });
}

function secureEtcd(urls: readonly string[], identities: EtcdIdentities): NonNullable<HostArgs["etcd"]> {
  const { bundle, announcer, announcerPassword } = identities;
  return {
    urls,
    ca: bundle,
    certificate: announcer.certificate,
    key: announcer.privateKey,
    username: ANNOUNCER_USER,
    password: announcerPassword,
  };
}

export function hostsOf({ machines }: Environment): HostReference[] {
  return machines.map(({ host }) => host);
}

export function hostsWithRole({ machines }: Environment, role: "frontend" | "backend"): HostReference[] {
  return machines.filter(({ roles }) => roles.includes(role)).map(({ host }) => host);
}

/** How many hosts there are on the way to this one. */
function jumpsTo({ jump }: ConfiguredHost, configured: readonly ConfiguredHost[]): number {
  const via = configured.find(({ name }) => name === jump);
  return via === undefined ? 0 : 1 + jumpsTo(via, configured);
}

function etcdUrls(members: readonly ConfiguredHost[], first: string, scheme: string): string[] {
  const ordered = [...members].sort((a, b) => Number(b.name === first) - Number(a.name === first));
  return ordered.map(({ privateAddress }) => `${scheme}://${privateAddress}:2379`);
}

function withoutUndefined<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as never;
}
