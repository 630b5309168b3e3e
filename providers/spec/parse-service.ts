import { parseReady } from "./parse-ready.ts";
import { parseRollout } from "./parse-rollout.ts";
import { parseStrictly } from "./parse-strictly.ts";
import { parseUpdate } from "./parse-update.ts";
import { type PublishedPort, readPort } from "./published-port.ts";
import { releasePlaceholders } from "./release-placeholder.ts";
import { type CheckedService, serviceSchema } from "./service-schema.ts";
import type {
  AnnounceSpec,
  ConfigSpec,
  FileSpec,
  HostFactsSpec,
  SecretsSpec,
  ServiceSpec,
} from "./service-spec.ts";
import { SpecError, type SpecFailure } from "./spec-error.ts";
import { HOSTNAME_BYTES } from "./values.ts";

/**
 * Fills in every default of a service's arguments, a {@link ServiceInput}. Values that are not known yet stay as
 * they are.
 *
 * @throws SpecError with everything that is wrong.
 */
export function parseService(input: unknown): ServiceSpec {
  const given = parseStrictly(serviceSchema, input);
  const files = [...Object.keys(given.files ?? {}), ...Object.keys(given.secrets?.files ?? {})];
  const failures = [...releasePlaceholders(given), ...foldersAmong("files", files)];
  const spec = fillIn(given, failures);
  if (failures.length > 0) throw new SpecError(failures);
  return spec;
}

function fillIn(given: CheckedService, failures: SpecFailure[]): ServiceSpec {
  const host = parseFacts(given.host);
  const network = given.network ?? "bridge";
  const announce = parseAnnounce(given, host, failures);
  return {
    host,
    name: given.name,
    image: given.image,
    args: given.args ?? [],
    command: given.command ?? [],
    entrypoint: given.entrypoint ?? null,
    user: given.user ?? null,
    env: given.env ?? {},
    files: parseFiles(given.files, "0644"),
    config: parseConfig(given, failures),
    ports: [...parsePorts(given.ports, host, network, failures), ...announcedPort(announce, host, network)],
    volumes: given.volumes ?? [],
    network,
    dns: given.dns ?? [],
    hostname: given.hostname ?? (network === "host" ? null : defaultHostname(given, failures)),
    init: given.init ?? true,
    memory: given.memory ?? null,
    cpus: given.cpus ?? null,
    health: given.health
      ? { interval: 30, timeout: 30, retries: 3, startPeriod: 0, ...withoutUndefined(given.health) }
      : null,
    announce,
    ready: parseReady(given.ready, announce, host, failures),
    update: parseUpdate(given, announce, failures),
    rollout: parseRollout(given.rollout),
    enabled: given.enabled ?? true,
    adopt: given.adopt ?? false,
    maintenance: given.maintenance ?? false,
    secrets: parseSecrets(given, failures),
  };
}

/** Two names that Docker takes each may be more together than Linux takes. */
function defaultHostname({ name, host }: CheckedService, failures: SpecFailure[]): string {
  const hostname = `${host.name}-${name}`;
  if (Buffer.byteLength(hostname) > HOSTNAME_BYTES) {
    const message = `is missing, since ${hostname} has more than 64 bytes`;
    failures.push({ path: "hostname", message });
  }
  return hostname;
}

function parseFacts({ name, domain, privateAddress, publicAddress }: CheckedService["host"]): HostFactsSpec {
  return { name, domain: domain ?? null, privateAddress, publicAddress: publicAddress ?? null };
}

function parseFiles(files: CheckedService["files"], mode: string): Record<string, FileSpec> {
  return Object.fromEntries(
    Object.entries(files ?? {}).map(([path, file]) => {
      const { content, mode: own = mode } = typeof file === "string" ? { content: file } : file;
      return [path, { content, mode: Number.parseInt(own, 8) }];
    }),
  );
}

function parseConfig({ config, secretConfig }: CheckedService, failures: SpecFailure[]): ConfigSpec | null {
  if (config === undefined) return null;
  failures.push(...collisions([...Object.keys(config.files), ...Object.keys(secretConfig?.files ?? {})]));
  const { signal, command } = config.reload ?? {};
  return {
    directory: config.directory,
    files: config.files,
    secret: secretConfig ?? null,
    check: config.check ?? null,
    reload: signal ? { signal: signal.replace(/^SIG/, "") } : command ? { command } : null,
  };
}

/** Whatever is plain and what is secret lie in one folder in the end. */
function collisions(paths: readonly string[]): SpecFailure[] {
  const twice = paths.filter((path, index) => paths.indexOf(path) < index);
  return [
    ...foldersAmong("config.files", paths),
    ...twice.map((path) => ({ path: `config.files["${path}"]`, message: "is both plain and secret" })),
  ];
}

/** What is a file cannot be the folder of another one. */
function foldersAmong(property: string, paths: readonly string[]): SpecFailure[] {
  return [...new Set(paths)].flatMap((path) => {
    const inside = paths.find((other) => other.startsWith(`${path}/`));
    return inside === undefined
      ? []
      : [{ path: `${property}["${path}"]`, message: `is the folder of ${inside}` }];
  });
}

function parsePorts(
  ports: readonly string[] = [],
  host: HostFactsSpec,
  network: string,
  failures: SpecFailure[],
): PublishedPort[] {
  if (network === "host" && ports.length > 0) {
    failures.push({
      path: "ports",
      message: 'should be empty with network "host", where every port is the host\'s',
    });
  }
  return ports.flatMap((text, index) => {
    const port = readPort(text, host);
    const message = "should be [ADDRESS:][HOSTPORT:]PORT[/udp]; `public` needs the host's publicAddress";
    if (port === undefined) failures.push({ path: `ports[${index}]`, message });
    return port === undefined ? [] : [port];
  });
}

function parseAnnounce(
  { announce, name, network }: CheckedService,
  host: HostFactsSpec,
  failures: SpecFailure[],
): AnnounceSpec | null {
  if (announce === undefined) return null;
  const {
    port,
    publish = null,
    as = "private",
    probe = "tcp",
    aliases = [],
    weight = 100,
    priority = 10,
    ttl = 1,
  } = announce;
  const fail = (path: string, message: string) => failures.push({ path, message });
  const domain = announce.domain ?? host.domain;
  if (domain === null)
    fail("announce", "should stand only on a host that has a domain, or have one of its own");
  if (as === "public" && host.publicAddress === null)
    fail("announce.as", "is public, but the host has no publicAddress");
  if (as === "container" && network === "host")
    fail("announce.as", 'is container, but with network "host" it has no address');
  const label = announce.name ?? name;
  if (!/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(label))
    fail("announce.name", `should be a DNS label, which ${label} is not`);
  for (const [index, alias] of aliases.entries()) {
    if (alias === label || aliases.indexOf(alias) < index)
      fail(`announce.aliases[${index}]`, `${alias} is there twice`);
  }
  return {
    port,
    publish,
    as,
    name: label,
    aliases,
    domain: domain ?? "",
    probe: typeof probe === "string" ? { kind: probe } : { kind: "http", path: probe.http },
    weight,
    priority,
    ttl,
  };
}

/** Announcing a port publishes it, unless the container has an address of its own in DNS or shares the host's. */
function announcedPort(announce: AnnounceSpec | null, host: HostFactsSpec, network: string): PublishedPort[] {
  if (announce === null || announce.as === "container" || network === "host") return [];
  const address = announce.as === "public" ? host.publicAddress : host.privateAddress;
  return [
    { address: address ?? "", hostPort: announce.publish, containerPort: announce.port, protocol: "tcp" },
  ];
}

function parseSecrets({ secrets, env, files }: CheckedService, failures: SpecFailure[]): SecretsSpec | null {
  if (secrets === undefined) return null;
  for (const name of Object.keys(secrets.env ?? {})) {
    if (env?.[name] !== undefined)
      failures.push({ path: `env.${name}`, message: "is both plain and secret" });
  }
  for (const path of Object.keys(secrets.files ?? {})) {
    if (files?.[path] !== undefined)
      failures.push({ path: `files["${path}"]`, message: "is both plain and secret" });
  }
  return { env: secrets.env ?? {}, files: parseFiles(secrets.files, "0600"), salt: secrets.salt };
}

function withoutUndefined<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as never;
}
