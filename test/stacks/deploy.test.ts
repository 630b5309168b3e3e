import assert from "node:assert/strict";
import { before, test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import * as rpc from "@pulumi/pulumi/runtime/rpc.js";
import type { Certificates } from "../../stacks/tls-certificates.ts";
import { makeCertificate } from "../certificate.ts";

interface Granted {
  readonly secrets: unknown;
  readonly users: readonly object[];
}

interface Inputs {
  readonly host: { readonly name: string };
  readonly env: Readonly<Record<string, string>>;
  readonly files: Readonly<Record<string, unknown>>;
  readonly command?: readonly string[];
  readonly secrets: unknown;
  readonly config?: { readonly files: Readonly<Record<string, string>> };
  readonly secretConfig?: unknown;
  readonly rollout?: { readonly fleet: string };
  readonly announce?: {
    readonly domain?: string;
    readonly name?: string;
    readonly aliases?: readonly string[];
  };
  readonly update?: { readonly group?: string };
}

interface Declared {
  readonly name: string;
  readonly inputs: Inputs;
}

const declared: Declared[] = [];
const made: { readonly type: string; readonly name: string; readonly inputs: object }[] = [];
let rows: Record<string, string>[];
let urls: Record<string, string>;

const host = (name: string, role: string, address: string, rest = {}) => ({
  name,
  roles: [role],
  address,
  hostKey: "ssh-ed25519 AAAA",
  privateAddress: address,
  ...rest,
});

const CONFIGURATION = {
  domain: "s.prod.example.com",
  publicDomain: "prod.example.com",
  hosts: [
    host("back-1", "backend", "10.0.0.21", { jump: "front-1" }),
    host("back-2", "backend", "10.0.0.22", { jump: "front-1" }),
    host("front-1", "frontend", "10.0.0.11", { publicAddress: "203.0.113.11" }),
  ],
  images: { collectd: "registry.example.com/collectd:1" },
  sites: [
    { serverNames: ["web.prod.example.com"], service: "web" },
    { serverNames: ["grafana.prod.example.com"], service: "grafana", port: 3000, keepalive: 512 },
    {
      name: "shop",
      serverNames: ["shop.example.org"],
      service: "web",
      tls: "main",
      maintenance: { text: "soon" },
    },
  ],
  tls: { main: makeCertificate(["shop.example.org"]) },
  hasGrafanaPassword: true,
};

before(async () => {
  await pulumi.runtime.setMocks({
    newResource: ({ name, type, inputs, id }) => {
      made.push({ type, name, inputs });
      if (type.endsWith(":Service")) declared.push({ name: inputs.name ?? name, inputs });
      return {
        id: id || (type.endsWith(":CertificateAuthority") ? `${name}-1a2b` : name),
        state: {
          ...inputs,
          host: inputs.host?.name,
          address: "10.0.0.9",
          digest: "sha256:aa",
          state: "running",
        },
      };
    },
    call: () => ({}),
  });
  const { createEnvironment } = await import("../../stacks/environment.ts");
  const { deploy, sitesOf } = await import("../../stacks/deploy.ts");
  const { endpoints, servicesTable } = await import("../../stacks/outputs.ts");
  const { parseConfiguration } = await import("../../stacks/parse-configuration.ts");
  const parsed = parseConfiguration(CONFIGURATION);
  const environment = createEnvironment(parsed);
  const certificates = pulumi.secret<Certificates>({
    main: { certificate: "PEM 1\n", key: "PEM 2" },
  });
  const grafanaAdminPassword = pulumi.secret("hunter2");
  const compositions = deploy({ ...parsed, grafanaAdminPassword, certificates }, environment);
  urls = endpoints(environment, sitesOf(parsed, environment));
  rows = await new Promise((resolve) =>
    pulumi.output(servicesTable(compositions)).apply((table) => resolve(table as never)),
  );
});

function hostsOf(service: string): string[] {
  return declared
    .filter(({ name }) => name === service)
    .map(({ inputs }) => inputs.host.name)
    .sort();
}

function only(service: string): Inputs {
  const found = declared.filter(({ name }) => name === service);
  assert.equal(found.length, 1, service);
  return (found[0] as Declared).inputs;
}

test("every service runs where its role says", () => {
  assert.deepEqual(hostsOf("etcd"), ["back-1", "back-2"]);
  assert.deepEqual(hostsOf("coredns"), ["back-1", "back-2", "front-1"]);
  assert.deepEqual(hostsOf("influxdb"), ["back-1"]);
  assert.deepEqual(hostsOf("grafana"), ["back-2"]);
  assert.deepEqual(hostsOf("web"), ["back-1", "back-2"]);
  assert.deepEqual(hostsOf("nginx"), ["front-1"]);
  assert.deepEqual(hostsOf("collectd"), ["back-1", "back-2", "front-1"]);
});

test("what runs on many hosts is updated as a fleet, and etcd's members as a group", () => {
  const fleets = declared.flatMap(({ inputs }) => inputs.rollout?.fleet ?? []);
  assert.deepEqual([...new Set(fleets)].sort(), ["coredns", "nginx", "web"]);
  const grouped = declared.filter(({ inputs }) => inputs.update?.group === "etcd");
  assert.deepEqual([...new Set(grouped.map(({ name }) => name))], ["etcd"]);
});

test("Grafana's password travels as a secret and nowhere else", () => {
  const { env, files, secrets } = only("grafana");
  const path = "/run/secrets/grafana-admin-password";
  assert.deepEqual(secrets, {
    [rpc.specialSigKey]: rpc.specialSecretSig,
    value: { env: {}, files: { [path]: { content: "hunter2", mode: "0444" } } },
  });
  assert.equal(env.GF_SECURITY_ADMIN_PASSWORD__FILE, path);
  assert.ok(!JSON.stringify([env, files]).includes("hunter2"));
});

test("a site's certificate and key travel as secrets beside its configuration, and nowhere else", () => {
  const { config, secretConfig } = only("nginx");
  assert.deepEqual(secretConfig, {
    [rpc.specialSigKey]: rpc.specialSecretSig,
    value: { files: { "tls/main.crt": "PEM 1\n", "tls/main.key": "PEM 2\n" } },
  });
  assert.deepEqual(Object.keys(config?.files ?? {}).sort(), ["maintenance/shop.txt", "nginx.conf"]);
  assert.doesNotMatch(JSON.stringify(config), /PEM/);
});

test("the table has a row for each service on a host", () => {
  assert.equal(rows.length, declared.length);
  const row = rows.find(({ service }) => service === "influxdb");
  assert.deepEqual(row, {
    service: "influxdb",
    host: "back-1",
    address: "10.0.0.9",
    image: "influxdb:1.8",
    digest: "sha256:aa",
    state: "running",
  });
});

test("every site has a URL: on each frontend, needing no DNS, or by its name", () => {
  assert.deepEqual(urls, {
    "web on front-1": "http://203.0.113.11/",
    "grafana on front-1": "http://203.0.113.11:3000/",
    shop: "https://shop.example.org/",
  });
});

test("frontends are announced in the public zone: as web servers by every site's name, and as name servers", () => {
  const announced = (service: string) =>
    declared
      .filter(({ name, inputs }) => name === service && inputs.announce !== undefined)
      .map(({ inputs: { host, announce } }) => [host.name, announce?.domain, announce?.aliases]);
  assert.deepEqual(announced("nginx"), [["front-1", "prod.example.com", ["web", "grafana"]]]);
  assert.deepEqual(announced("coredns"), [["front-1", "prod.example.com", ["ns.dns"]]]);
});

test("etcd's members and clients have certificates, each for what it does, and nothing speaks plain HTTP", () => {
  const certificates = made.filter(({ type }) => type.endsWith(":Certificate"));
  const summary = certificates.map(({ name, inputs }) => {
    const { commonName, ipAddresses, usages } = inputs as Record<string, string[]>;
    return [name, String(commonName), ipAddresses?.join(), usages?.join("+")].join(" ");
  });
  assert.deepEqual(summary.sort(), [
    "etcd-announcer   client",
    "etcd-back-1 etcd-member 10.0.0.21 server+client",
    "etcd-back-2 etcd-member 10.0.0.22 server+client",
    "etcd-coredns coredns  client",
  ]);
  const [member] = declared.filter(({ name }) => name === "etcd");
  const flags = member?.inputs.command ?? [];
  const listening = flags.filter((flag) => flag.startsWith("--listen"));
  assert.deepEqual(listening, [
    "--listen-client-urls=https://10.0.0.21:2379",
    "--listen-peer-urls=https://10.0.0.21:2380",
    "--listen-metrics-urls=http://127.0.0.1:2381",
  ]);
  for (const flag of [
    "--data-dir=/var/lib/etcd/etcd-1a2b",
    "--election-timeout=400",
    "--client-cert-auth",
    "--peer-client-cert-auth",
    "--peer-cert-allowed-cn=etcd-member",
  ]) {
    assert.ok(flags.includes(flag), flag);
  }
});

test("the announcer may write under the two domains, CoreDNS may read them, and nobody else is there", () => {
  const [access] = made.filter(({ type }) => type.endsWith(":EtcdAccess"));
  assert.ok(access);
  const { users, secrets } = access.inputs as Granted;
  const prefixes = ["/skydns/com/example/prod/s", "/skydns-public/com/example/prod"];
  assert.deepEqual(users, [
    { name: "announcer", prefixes, access: "readwrite" },
    { name: "coredns", prefixes, access: "read" },
  ]);
  assert.ok(rpc.isRpcSecret(secrets));
});
