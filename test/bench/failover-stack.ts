import { corefile, PUBLIC_TTL } from "../../stacks/corefile.ts";
import { ELECTION_FLAGS } from "../../stacks/etcd-election.ts";
import { nginxConfiguration } from "../../stacks/nginx-configuration.ts";
import { makeCertificate } from "../certificate.ts";
import { labConfiguration } from "../e2e/lab-environment.ts";
import { type InstanceKeys, tellingCommand } from "../e2e/record-history.ts";
import { type Fleets, labHost, labImage, type Services, ServicesStack } from "../e2e/services-stack.ts";

export const BACKENDS = ["back-1", "back-2", "back-3"];
export const FRONTENDS = ["front-1", "front-2"];
export const domain = labConfiguration().config["rundock:domain"] as string;

/** One listens at once, the other one two seconds after its start. Both are on every backend. */
export const APPLICATIONS = ["web", "slow"] as const;
export type Application = (typeof APPLICATIONS)[number];
const LISTENS_AFTER = { web: "0", slow: "2" };

const zone = `www.${domain.slice(domain.indexOf(".") + 1)}`;
/** What the world asks for. */
export const SITES: Readonly<Record<Application, string>> = { web: `web.${zone}`, slow: `slow.${zone}` };

const certificates = [1, 2].map(() => makeCertificate([SITES.web, SITES.slow]));

/** etcd on the backends, CoreDNS everywhere, nginx on the frontends, and two applications behind them. */
export function failoverStack(): ServicesStack {
  return new ServicesStack([...FRONTENDS, ...BACKENDS], BACKENDS);
}

/** Arguments of every instance of an application that differ. */
export interface Changes {
  readonly env?: Readonly<Record<string, string>>;
  readonly announce?: object;
  readonly [argument: string]: unknown;
}

export interface Variation {
  readonly web?: Changes;
  readonly slow?: Changes;
  /** Instances of web in all. @default one on each backend */
  readonly instances?: number;
  /** The backend whose instances tell etcd when they are about to listen. */
  readonly telling?: string;
  /** Arguments of nginx that differ. */
  readonly nginx?: object;
  /** Arguments of every CoreDNS that differ. */
  readonly coredns?: object;
  /** Which of two certificates the frontends show. @default the first */
  readonly certificate?: 0 | 1;
  /** Idle connections that nginx keeps to each application. @default 32 */
  readonly keepalive?: number;
}

export function failoverServices(variation: Variation): Services {
  const { nginx, coredns } = variation;
  return {
    ...each(BACKENDS, "etcd", etcdMember),
    ...each([...FRONTENDS, ...BACKENDS], "coredns", (host) => ({ ...dnsServer(host), ...coredns })),
    ...each(FRONTENDS, "nginx", (host) => ({ ...frontend(host, variation), ...nginx })),
  };
}

/** As many fleets of web as each backend has instances; the last one is on some backends only. */
export function failoverFleets(variation: Variation): Fleets {
  const { instances = BACKENDS.length } = variation;
  const webs = Array.from({ length: Math.ceil(instances / BACKENDS.length) }, (_, index) => {
    const hosts = BACKENDS.slice(0, instances - index * BACKENDS.length);
    return [`web${index === 0 ? "" : index + 1}`, { hosts, ...instance("web", variation) }];
  });
  return { ...Object.fromEntries(webs), slow: { hosts: BACKENDS, ...instance("slow", variation) } };
}

function instance(application: Application, { [application]: changes = {}, telling }: Variation): object {
  return {
    image: labImage("web"),
    ready: { http: "/" },
    ...changes,
    env: { LISTEN_AFTER: LISTENS_AFTER[application], ...changes.env },
    announce: { name: application, port: 8080, probe: { http: "/" }, ...changes.announce },
    ...(telling === undefined ? {} : { perHost: { [telling]: tellingInstance(application, telling) } }),
  };
}

function tellingInstance(application: Application, host: string): object {
  const { etcd, listens } = instanceKeys(application, host);
  return { command: tellingCommand(etcd, listens) };
}

/** Of an application's first instance on a backend. */
export function instanceKeys(application: Application, host: string): InstanceKeys {
  const name = `/skydns/${domain.split(".").reverse().join("/")}/${application}`;
  const [ends, listens] = [`/told/${application}/ends`, `/told/${application}/listens`];
  return { etcd: etcdUrl(host), record: `${name}/${host}/${application}`, ends, listens };
}

/** The member of etcd on a backend. */
export function etcdUrl(host: string): string {
  return `http://${labHost(host).privateAddress}:2379`;
}

function each(hosts: readonly string[], name: string, make: (host: string) => object): Services {
  return Object.fromEntries(hosts.map((host) => [`${name}-${host}`, { host, name, ...make(host) }]));
}

function etcdMember(host: string): object {
  const { privateAddress } = labHost(host);
  const members = BACKENDS.map((name) => `${name}=http://${labHost(name).privateAddress}:2380`);
  return {
    image: labImage("etcd"),
    network: "host",
    volumes: ["etcd-bench:/var/lib/etcd"],
    command: [
      "etcd",
      `--name=${host}`,
      "--data-dir=/var/lib/etcd/data",
      `--listen-client-urls=${etcdUrl(host)}`,
      `--advertise-client-urls=${etcdUrl(host)}`,
      `--listen-peer-urls=http://${privateAddress}:2380`,
      `--initial-advertise-peer-urls=http://${privateAddress}:2380`,
      `--initial-cluster=${members.join(",")}`,
      ...ELECTION_FLAGS,
    ],
    ready: { http: "/health", port: 2379, timeout: 120 },
  };
}

function dnsServer(host: string): object {
  const { privateAddress, publicAddress } = labHost(host);
  const endpoints = BACKENDS.map(etcdUrl);
  const isPublic = FRONTENDS.includes(host) && publicAddress !== undefined;
  const publicZone = isPublic ? { publicZone: { domain: zone, address: publicAddress } } : {};
  return {
    image: labImage("coredns"),
    network: "host",
    command: ["-conf", "{config}/Corefile"],
    args: ["--stop-signal=SIGQUIT"],
    config: {
      directory: "/etc/coredns",
      files: { Corefile: corefile({ domain, address: privateAddress, endpoints, ...publicZone }) },
    },
    ready: { tcp: 53 },
    update: { order: "start-first" },
  };
}

function frontend(host: string, { keepalive = 32, certificate = 0 }: Variation): object {
  const { privateAddress, publicAddress = "" } = labHost(host);
  const sites = APPLICATIONS.map((service) => ({
    ...{ serverNames: [SITES[service]], service, keepalive },
    ...{ tls: "main", redirectToHttps: false },
  }));
  const others = FRONTENDS.filter((name) => name !== host).map((name) => {
    const { privateAddress, publicAddress: address = "" } = labHost(name);
    return { address, privateAddress };
  });
  const text = nginxConfiguration({
    domain,
    sites,
    resolver: privateAddress,
    address: publicAddress,
    privateAddress,
    others,
  });
  return {
    image: labImage("nginx"),
    network: "host",
    command: ["nginx", "-c", "{config}/nginx.conf", "-g", "daemon off;"],
    config: {
      directory: "/etc/nginx/rundock",
      files: {
        "nginx.conf": text,
        "tls/main.crt": certificates[certificate]?.certificate,
        "tls/main.key": certificates[certificate]?.key,
      },
      check: ["nginx", "-t", "-q", "-c", "{config}/nginx.conf"],
      reload: { signal: "HUP" },
    },
    ready: { http: "/nginx-health", port: 80, address: publicAddress },
    announce: {
      ...{ port: 80, as: "public", domain: zone, name: "frontends", aliases: [...APPLICATIONS] },
      ...{ probe: { http: "/nginx-health" }, ttl: PUBLIC_TTL },
    },
    update: { order: "start-first", stopTimeout: 60, drain: 2 * PUBLIC_TTL, group: "nginx" },
  };
}
