import { z } from "zod";
import { type BootstrapArgs, bootstrapFailures, type Way } from "../providers/spec/bootstrap.ts";
import { failuresOf } from "../providers/spec/parse-strictly.ts";
import { SpecError, type SpecFailure } from "../providers/spec/spec-error.ts";
import {
  address,
  dnsLabel,
  domain,
  filledWord,
  flag,
  list,
  numeric,
  port,
  text,
} from "../providers/spec/values.ts";
import { COMPOSITIONS, type CompositionName } from "./composition-names.ts";
import { siteFailures } from "./parse-sites.ts";
import { itemsOf, readableEntries, readableItems, readablePart } from "./readable-settings.ts";
import { type Site, siteSchema } from "./site.ts";
import { type Certificates, certificateFailures, certificatesSchema } from "./tls-certificates.ts";

export const hostSchema = z.strictObject({
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
  maintenance: flag().optional(),
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
export const imagesSchema = z.strictObject({
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
export const discoverySchema = z.strictObject({
  security: z.enum(["tls", "plain"], "should be tls or plain").default("tls"),
  certificateDays: days(3).default(365),
  authorityDays: days(3).default(3650),
  authorityOverlapDays: days(0).default(7),
});

const composition = z.enum(COMPOSITIONS, `should be one of ${COMPOSITIONS.join(", ")}`);

/** Pulumi.yaml can say that a setting may be missing only by a default that is nothing. */
const nothing = z.literal("").transform(() => undefined);

export const configurationSchema = z.strictObject({
  domain: z.union([nothing, domain]).optional(),
  publicDomain: z.union([nothing, domain]).optional(),
  hosts: list(hostSchema).optional(),
  from: list(stackName).optional(),
  deploy: list(composition).optional(),
  images: imagesSchema.prefault({}),
  sites: list(siteSchema).optional(),
  tls: certificatesSchema.optional(),
  discovery: discoverySchema.prefault({}),
  hasGrafanaPassword: z.boolean(),
  /** Names under `tls` whose key is no secret. */
  plainTlsKeys: z.array(z.string()).default([]),
});

export type ConfiguredHost = z.infer<typeof hostSchema>;

/** What the settings say of each other, of which any may be missing, or not be readable. */
interface Draft {
  readonly domain: string | undefined;
  readonly publicDomain: string | undefined;
  readonly hosts: readonly DraftHost[];
  readonly isTier: boolean;
  /** Undefined when nothing is said. */
  readonly deploy: readonly CompositionName[] | undefined;
  readonly security: string | undefined;
  readonly collectd: string | undefined;
  readonly sites: readonly Site[];
  readonly certificates: Certificates;
  /** Of the certificates, readable or not. */
  readonly certificateNames: readonly string[];
  readonly hasGrafanaPassword: boolean;
  readonly plainTlsKeys: readonly string[];
}

type DraftHost = Partial<ConfiguredHost>;

/** @throws SpecError with every failure. */
export function parseConfiguration(input: unknown) {
  const { data: given, error } = configurationSchema.safeParse(input);
  const failures = failuresOf(error);
  const isNew = ({ path }: SpecFailure) => !failures.some((known) => isWithin(path, known.path));
  const all = [...failures, ...draftFailures(draftOf(input)).filter(isNew)];
  if (all.length > 0 || given === undefined) throw new SpecError(all);
  const { domain, publicDomain, hosts = [], from = [], images, sites = [], discovery, deploy } = given;
  return {
    domain: domain ?? "",
    publicDomain,
    hosts,
    from,
    deploy: wantedOf(deploy),
    images,
    discovery,
    sites: sites.length > 0 ? sites : undefined,
  };
}

function isWithin(path: string, known: string): boolean {
  return path === known || path.startsWith(`${known}.`) || path.startsWith(`${known}[`);
}

function draftOf(input: unknown): Draft {
  const given = input as Record<string, unknown>;
  const settings = readablePart(configurationSchema, input);
  const deploy = itemsOf(given.deploy).length > 0 ? readableItems(composition, given.deploy) : undefined;
  return {
    domain: settings.domain,
    publicDomain: settings.publicDomain,
    hosts: itemsOf(given.hosts).map((each) => readablePart(hostSchema, each)),
    isTier: itemsOf(given.from).length > 0,
    deploy,
    security: readablePart(discoverySchema, given.discovery).security,
    collectd: readablePart(imagesSchema, given.images).collectd,
    sites: itemsOf(given.sites).map((each, index) => ({
      serverNames: [],
      service: `site-${index}`,
      ...readablePart(siteSchema, each),
    })),
    certificates: Object.fromEntries(readableEntries(certificatesSchema, given.tls)),
    certificateNames: Object.keys(given.tls ?? {}),
    hasGrafanaPassword: settings.hasGrafanaPassword ?? false,
    plainTlsKeys: settings.plainTlsKeys ?? [],
  };
}

/** Nothing is all. */
function wantedOf(deploy: readonly CompositionName[] | undefined): readonly CompositionName[] {
  const named = deploy?.length ? deploy : COMPOSITIONS;
  return COMPOSITIONS.filter((each) => named.includes(each));
}

function draftFailures(draft: Draft): SpecFailure[] {
  const { domain, publicDomain, hosts, isTier, deploy, security, sites, certificates } = draft;
  const wanted = deploy ?? COMPOSITIONS;
  return [
    ...(isTier ? tierFailures(draft) : ownMachineFailures(domain, hosts, wanted)),
    ...(isTier && wanted.includes("discovery") && security === "tls" ? [STRANGE_DISCOVERY] : []),
    ...publicDomainFailures(publicDomain, domain),
    ...hostFailures(hosts),
    ...siteFailures(sites, draft.certificateNames),
    ...certificateFailures(certificates, draft.plainTlsKeys),
    ...(wanted.includes("grafana") && !draft.hasGrafanaPassword ? [MISSING_PASSWORD] : []),
    ...(wanted.includes("monitoring") && draft.collectd === undefined ? [MISSING_COLLECTD] : []),
  ];
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
  hosts: readonly DraftHost[],
  wanted: readonly string[],
): SpecFailure[] {
  return [
    ...(domain === undefined ? [{ path: "domain", message: "is missing" }] : []),
    ...(hosts.length === 0 ? [{ path: "hosts", message: "is missing, and no stack is named in from" }] : []),
    ...(hosts.length > 0 ? backendFailures(hosts, wanted) : []),
  ];
}

/** A stack that builds on others. */
function tierFailures({ domain, publicDomain, hosts, deploy }: Draft): SpecFailure[] {
  const message = "should not be set together with from: the stack that is named there has it";
  const settings = { domain, publicDomain, hosts: hosts.length > 0 ? hosts : undefined };
  const strange = Object.entries(settings).filter(([, value]) => value !== undefined);
  return [
    ...strange.map(([path]) => ({ path, message })),
    ...(deploy === undefined ? [{ path: "deploy", message: "should say what this stack adds" }] : []),
  ];
}

/** The hosts' own CoreDNS would not find the zone inside of the domain, for which it answers alone. */
function publicDomainFailures(publicDomain: string | undefined, domain: string | undefined): SpecFailure[] {
  if (publicDomain === undefined || domain === undefined) return [];
  if (publicDomain !== domain && !publicDomain.endsWith(`.${domain}`)) return [];
  return [{ path: "publicDomain", message: `should be another one than ${domain}, and not lie in it` }];
}

function backendFailures(hosts: readonly DraftHost[], wanted: readonly string[]): SpecFailure[] {
  const onBackends = wanted.filter((each) => ["discovery", "influxdb", "grafana", "web"].includes(each));
  if (onBackends.length === 0 || hosts.some(({ roles }) => roles?.includes("backend") ?? true)) return [];
  return [{ path: "hosts", message: `should have a backend, which ${onBackends.join(", ")} run on` }];
}

function hostFailures(hosts: readonly DraftHost[]): SpecFailure[] {
  return hosts.flatMap((host, index) => {
    const { name, jump, roles, publicAddress, bootstrap } = host;
    const at = (property: string, message: string) => ({ path: `hosts[${index}].${property}`, message });
    return [
      ...(name !== undefined && hosts.findIndex((other) => other.name === name) < index
        ? [at("name", `${name} is there twice`)]
        : []),
      ...(jump !== undefined && !leadsSomewhere(hosts, jump, [name])
        ? [at("jump", "should name another host, whose own jump hosts do not lead back here")]
        : []),
      ...(roles?.includes("frontend") && publicAddress === undefined
        ? [at("publicAddress", "is missing on a frontend")]
        : []),
      ...bootstrapFailures(bootstrap, wayTo(host, hosts)).map(({ path, message }) => at(path, message)),
    ];
  });
}

/** As far as two hosts; a third is one too many already. */
function wayTo({ hostKey, jump }: DraftHost, hosts: readonly DraftHost[]): Way {
  const via = hosts.find(({ name }) => name === jump);
  if (via === undefined) return { hostKey };
  return { hostKey, jump: { hostKey: via.hostKey, jump: via.jump === undefined ? undefined : {} } };
}

/** Whether the jump hosts from this one on end at a host that is reached directly. */
function leadsSomewhere(
  hosts: readonly DraftHost[],
  from: string,
  passed: readonly (string | undefined)[],
): boolean {
  const host = hosts.find(({ name }) => name === from);
  if (host === undefined || passed.includes(from)) return false;
  return host.jump === undefined || leadsSomewhere(hosts, host.jump, [...passed, from]);
}
