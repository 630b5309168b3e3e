import { z } from "zod";
import { type BootstrapArgs, bootstrapFailures, type Way } from "../providers/spec/bootstrap.ts";
import { parseStrictly } from "../providers/spec/parse-strictly.ts";
import { SpecError, type SpecFailure } from "../providers/spec/spec-error.ts";
import {
  address,
  dnsLabel,
  domain,
  filledWord,
  list,
  numeric,
  port,
  text,
} from "../providers/spec/values.ts";
import { COMPOSITIONS } from "./composition-names.ts";
import { siteFailures } from "./parse-sites.ts";
import { siteSchema } from "./site.ts";
import { certificateFailures, certificatesSchema } from "./tls-certificates.ts";

const host = z.strictObject({
  name: dnsLabel,
  roles: list(z.enum(["frontend", "backend"], "should be frontend or backend")),
  address: filledWord,
  port: port.optional(),
  user: filledWord.optional(),
  hostKey: filledWord.optional(),
  privateAddress: address,
  publicAddress: address.optional(),
  jump: dnsLabel.optional(),
  /** Looked at together with the way to the host. */
  bootstrap: z.custom<boolean | BootstrapArgs>().optional(),
});

const days = (least: number) =>
  numeric(
    (value) => Number.isInteger(value) && value >= least && value <= 36_500,
    `should be whole days from ${least} to 36500`,
  );

/** As `ORGANIZATION/PROJECT/STACK`, or the name alone of a stack of this project. */
const stackName = text(
  (value) => /^[\w.-]+(\/[\w.-]+\/[\w.-]+)?$/.test(value),
  "should be a stack's name, such as prod-data or organization/rundock/prod-data",
);

/** The public images; an environment with a registry of its own names others. */
const images = z.strictObject({
  etcd: filledWord.default("quay.io/coreos/etcd:v3.5.16"),
  coredns: filledWord.default("coredns/coredns:1.14.7"),
  influxdb: filledWord.default("influxdb:1.8"),
  grafana: filledWord.default("grafana/grafana:11.6.0"),
  nginx: filledWord.default("nginx:1.28"),
  web: filledWord.default("traefik/whoami:v1.11"),
  /** There is no public one. */
  collectd: filledWord.optional(),
});

/** An authority's certificate outlives those that it signs. */
const discovery = z.strictObject({
  security: z.enum(["tls", "plain"], "should be tls or plain").default("tls"),
  certificateDays: days(3).default(365),
  authorityDays: days(3).default(3650),
  authorityOverlapDays: days(0).default(7),
});

/** Pulumi.yaml can say that a setting may be missing only by a default that is nothing. */
const nothing = z.literal("").transform(() => undefined);

const schema = z.strictObject({
  domain: z.union([nothing, domain]).optional(),
  publicDomain: z.union([nothing, domain]).optional(),
  hosts: list(host).optional(),
  from: list(stackName).optional(),
  deploy: list(z.enum(COMPOSITIONS, `should be one of ${COMPOSITIONS.join(", ")}`)).optional(),
  images: images.prefault({}),
  sites: list(siteSchema).optional(),
  tls: certificatesSchema.optional(),
  discovery: discovery.prefault({}),
  hasGrafanaPassword: z.boolean(),
  /** Names under `tls` whose key is no secret. */
  plainTlsKeys: z.array(z.string()).default([]),
});

export type ConfiguredHost = z.infer<typeof host>;

/** @throws SpecError with every failure. */
export function parseConfiguration(input: unknown) {
  const given = parseStrictly(schema, input);
  const {
    domain,
    publicDomain,
    hosts = [],
    from = [],
    images,
    sites = [],
    tls = {},
    discovery,
    ...rest
  } = given;
  const isWhole = from.length === 0;
  const deploy = rest.deploy?.length ? rest.deploy : COMPOSITIONS;
  const wanted = COMPOSITIONS.filter((each) => deploy.includes(each));
  const failures = [
    ...(isWhole
      ? ownMachineFailures(domain, hosts, wanted)
      : tierFailures({ domain, publicDomain }, hosts, rest.deploy)),
    ...(!isWhole && wanted.includes("discovery") && discovery.security === "tls" ? [STRANGE_DISCOVERY] : []),
    ...publicDomainFailures(publicDomain, domain),
    ...hostFailures(hosts),
    ...siteFailures(sites, Object.keys(tls)),
    ...certificateFailures(tls, rest.plainTlsKeys),
    ...(wanted.includes("grafana") && !rest.hasGrafanaPassword ? [MISSING_PASSWORD] : []),
    ...(wanted.includes("monitoring") && images.collectd === undefined ? [MISSING_COLLECTD] : []),
  ];
  if (failures.length > 0) throw new SpecError(failures);
  return {
    domain: domain ?? "",
    publicDomain,
    hosts,
    from,
    deploy: wanted,
    images,
    discovery,
    sites: sites.length > 0 ? sites : undefined,
  };
}

const MISSING_PASSWORD: SpecFailure = {
  path: "grafanaAdminPassword",
  message: "is missing: pulumi config set --secret rundock:grafanaAdminPassword",
};

const STRANGE_DISCOVERY: SpecFailure = {
  path: "deploy",
  message: "should leave discovery to the stack that has the hosts, which makes etcd's certificates",
};

const MISSING_COLLECTD: SpecFailure = {
  path: "images.collectd",
  message: "is missing: there is no public image of collectd",
};

function ownMachineFailures(
  domain: string | undefined,
  hosts: readonly ConfiguredHost[],
  wanted: readonly string[],
): SpecFailure[] {
  return [
    ...(domain === undefined ? [{ path: "domain", message: "is missing" }] : []),
    ...(hosts.length === 0 ? [{ path: "hosts", message: "is missing, and no stack is named in from" }] : []),
    ...(hosts.length > 0 ? backendFailures(hosts, wanted) : []),
  ];
}

/** A stack that builds on others. */
function tierFailures(
  domains: Readonly<Record<"domain" | "publicDomain", string | undefined>>,
  hosts: readonly ConfiguredHost[],
  deploy: readonly string[] | undefined,
): SpecFailure[] {
  const message = "should not be set together with from: the stack that is named there has it";
  return [
    ...Object.entries(domains).flatMap(([path, domain]) => (domain === undefined ? [] : [{ path, message }])),
    ...(hosts.length === 0 ? [] : [{ path: "hosts", message }]),
    ...(deploy?.length ? [] : [{ path: "deploy", message: "should say what this stack adds" }]),
  ];
}

/** The hosts' own CoreDNS would not find the zone inside of the domain, for which it answers alone. */
function publicDomainFailures(publicDomain: string | undefined, domain: string | undefined): SpecFailure[] {
  if (publicDomain === undefined || domain === undefined) return [];
  if (publicDomain !== domain && !publicDomain.endsWith(`.${domain}`)) return [];
  return [{ path: "publicDomain", message: `should be another one than ${domain}, and not lie in it` }];
}

function backendFailures(hosts: readonly ConfiguredHost[], wanted: readonly string[]): SpecFailure[] {
  const onBackends = wanted.filter((each) => ["discovery", "influxdb", "grafana", "web"].includes(each));
  if (onBackends.length === 0 || hosts.some(({ roles }) => roles.includes("backend"))) return [];
  return [{ path: "hosts", message: `should have a backend, which ${onBackends.join(", ")} run on` }];
}

function hostFailures(hosts: readonly ConfiguredHost[]): SpecFailure[] {
  return hosts.flatMap((host, index) => {
    const { name, jump, roles, publicAddress, bootstrap } = host;
    const at = (property: string, message: string) => ({ path: `hosts[${index}].${property}`, message });
    return [
      ...(hosts.findIndex((other) => other.name === name) < index
        ? [at("name", `${name} is there twice`)]
        : []),
      ...(jump !== undefined && !leadsSomewhere(hosts, jump, [name])
        ? [at("jump", "should name another host, whose own jump hosts do not lead back here")]
        : []),
      ...(roles.includes("frontend") && publicAddress === undefined
        ? [at("publicAddress", "is missing on a frontend")]
        : []),
      ...bootstrapFailures(bootstrap, wayTo(host, hosts)).map(({ path, message }) => at(path, message)),
    ];
  });
}

/** As far as two hosts; a third is one too many already. */
function wayTo({ hostKey, jump }: ConfiguredHost, hosts: readonly ConfiguredHost[]): Way {
  const via = hosts.find(({ name }) => name === jump);
  if (via === undefined) return { hostKey };
  return { hostKey, jump: { hostKey: via.hostKey, jump: via.jump === undefined ? undefined : {} } };
}

/** Whether the jump hosts from this one on end at a host that is reached directly. */
function leadsSomewhere(hosts: readonly ConfiguredHost[], from: string, passed: readonly string[]): boolean {
  const host = hosts.find(({ name }) => name === from);
  if (host === undefined || passed.includes(from)) return false;
  return host.jump === undefined || leadsSomewhere(hosts, host.jump, [...passed, from]);
}
