import { z } from "zod";
import { parseStrictly } from "../providers/spec/parse-strictly.ts";
import { SpecError, type SpecFailure } from "../providers/spec/spec-error.ts";
import { address, dnsLabel, domain, filledWord, list, port } from "../providers/spec/values.ts";

/** What can be deployed, in the order in which it is. */
export const COMPOSITIONS = ["discovery", "influxdb", "grafana", "web", "nginx", "monitoring"] as const;

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
});

/** The public images; an environment with a registry of its own names others. */
const images = z.strictObject({
  etcd: filledWord.default("quay.io/coreos/etcd:v3.5.16"),
  coredns: filledWord.default("coredns/coredns:1.12.4"),
  influxdb: filledWord.default("influxdb:1.8"),
  grafana: filledWord.default("grafana/grafana:11.6.0"),
  nginx: filledWord.default("nginx:1.28"),
  web: filledWord.default("traefik/whoami:v1.11"),
  /** There is no public one. */
  collectd: filledWord.optional(),
});

const schema = z.strictObject({
  domain,
  hosts: list(host),
  deploy: list(z.enum(COMPOSITIONS, `should be one of ${COMPOSITIONS.join(", ")}`)).optional(),
  images: images.prefault({}),
  hasGrafanaPassword: z.boolean(),
});

export type ConfiguredHost = z.infer<typeof host>;

/** @throws SpecError with every failure. */
export function parseConfiguration(given: unknown) {
  const { domain, hosts, deploy = COMPOSITIONS, images, hasGrafanaPassword } = parseStrictly(schema, given);
  const wanted = COMPOSITIONS.filter((each) => deploy.includes(each));
  const missing = [
    ...(wanted.includes("grafana") && !hasGrafanaPassword
      ? [
          {
            path: "grafanaAdminPassword",
            message: "is missing: pulumi config set --secret rundock:grafanaAdminPassword",
          },
        ]
      : []),
    ...(wanted.includes("monitoring") && images.collectd === undefined
      ? [{ path: "images.collectd", message: "is missing: there is no public image of collectd" }]
      : []),
  ];
  const failures = [...hostFailures(hosts), ...backendFailures(hosts, wanted), ...missing];
  if (failures.length > 0) throw new SpecError(failures);
  return { domain, hosts, deploy: wanted, images };
}

function backendFailures(hosts: readonly ConfiguredHost[], wanted: readonly string[]): SpecFailure[] {
  const onBackends = wanted.filter((each) => ["discovery", "influxdb", "grafana", "web"].includes(each));
  if (onBackends.length === 0 || hosts.some(({ roles }) => roles.includes("backend"))) return [];
  return [{ path: "hosts", message: `should have a backend, which ${onBackends.join(", ")} run on` }];
}

function hostFailures(hosts: readonly ConfiguredHost[]): SpecFailure[] {
  return hosts.flatMap(({ name, jump, roles, publicAddress }, index) => {
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
    ];
  });
}

/** Whether the jump hosts from this one on end at a host that is reached directly. */
function leadsSomewhere(hosts: readonly ConfiguredHost[], from: string, passed: readonly string[]): boolean {
  const host = hosts.find(({ name }) => name === from);
  if (host === undefined || passed.includes(from)) return false;
  return host.jump === undefined || leadsSomewhere(hosts, host.jump, [...passed, from]);
}
