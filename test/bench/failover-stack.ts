import { corefile, PUBLIC_TTL } from "../../stacks/corefile.ts";
import { nginxConfiguration } from "../../stacks/nginx-configuration.ts";
import { makeCertificate } from "../certificate.ts";
import { labConfiguration } from "../e2e/lab-environment.ts";
import { type Fleets, labHost, labImage, type Services, ServicesStack } from "../e2e/services-stack.ts";

export const BACKENDS = ["back-1", "back-2", "back-3"];
export const FRONTENDS = ["front-1", "front-2"];
export const domain = labConfiguration().config["rundock:domain"] as string;

/** What the world asks for, and the name of the web site in it. */
const zone = `www.${domain.slice(domain.indexOf(".") + 1)}`;
export const PUBLIC_NAME = `web.${zone}`;

const certificates = [makeCertificate([PUBLIC_NAME]), makeCertificate([PUBLIC_NAME])];

/** etcd on the backends, CoreDNS everywhere, nginx on the frontends, and a web service behind them. */
export function failoverStack(): ServicesStack {
  return new ServicesStack([...FRONTENDS, ...BACKENDS], BACKENDS);
}

export interface Variation {
  /** Arguments of every instance of the web service that differ. */
  readonly web?: object;
  /** Instances in all. @default one on each backend */
  readonly instances?: number;
  /** Arguments of nginx that differ. */
  readonly nginx?: object;
  /** Arguments of every CoreDNS that differ. */
  readonly coredns?: object;
  /** Which of two certificates the frontends show. @default the first */
  readonly certificate?: 0 | 1;
  /** Idle connections that nginx keeps to the web service. @default 32 */
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

/** As many fleets as each backend has instances; the last one is on some backends only. */
export function failoverFleets({ web = {}, instances = BACKENDS.length }: Variation): Fleets {
  const count = Math.ceil(instances / BACKENDS.length);
  return Object.fromEntries(
    Array.from({ length: count }, (_, index) => {
      const hosts = BACKENDS.slice(0, instances - index * BACKENDS.length);
      return [`web${index === 0 ? "" : index + 1}`, { hosts, ...INSTANCE, ...web }];
    }),
  );
}

const INSTANCE = {
  image: labImage("web"),
  announce: { name: "web", port: 8080, probe: { http: "/" } },
  ready: { http: "/" },
};

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
      `--listen-client-urls=http://${privateAddress}:2379`,
      `--advertise-client-urls=http://${privateAddress}:2379`,
      `--listen-peer-urls=http://${privateAddress}:2380`,
      `--initial-advertise-peer-urls=http://${privateAddress}:2380`,
      `--initial-cluster=${members.join(",")}`,
    ],
    ready: { http: "/health", port: 2379, timeout: 120 },
  };
}

function dnsServer(host: string): object {
  const { privateAddress, publicAddress } = labHost(host);
  const endpoints = BACKENDS.map((name) => `http://${labHost(name).privateAddress}:2379`);
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
  const web = { serverNames: [PUBLIC_NAME], service: "web", port: 80 };
  const sites = [{ ...web, keepalive, tls: "main", redirectToHttps: false }];
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
      ...{ port: 80, as: "public", domain: zone, name: "frontends", aliases: ["web"] },
      ...{ probe: { http: "/nginx-health" }, ttl: PUBLIC_TTL },
    },
    update: { order: "start-first", stopTimeout: 60, drain: 2 * PUBLIC_TTL, group: "nginx" },
  };
}
