import type { PublishedPort } from "../spec/published-port.ts";
import type { ServiceSpec } from "../spec/service-spec.ts";
import { inRelease } from "./config.ts";

/** The words of `docker run` behind those that are the same for all: options, the user's own words, image, command. */
export function containerWords(spec: ServiceSpec): string[] {
  const { config } = spec;
  const inConfig = (word: string) => (config === null ? word : inRelease(word, config));
  return [...options(spec, inConfig), ...spec.args.map(inConfig), spec.image, ...spec.command.map(inConfig)];
}

function options(spec: ServiceSpec, inConfig: (word: string) => string): string[] {
  return [
    ...one("hostname", spec.hostname),
    ...(spec.init ? ["--init"] : []),
    ...(spec.network === "bridge" ? [] : [`--network=${spec.network}`]),
    ...many("dns", spec.dns),
    ...many("publish", spec.ports.map(publication)),
    ...many("volume", spec.volumes),
    ...(spec.config === null ? [] : [`--volume=/etc/sv/${spec.name}/releases:${spec.config.directory}:ro`]),
    ...one("user", spec.user),
    ...one("entrypoint", spec.entrypoint),
    ...one("memory", spec.memory),
    ...one("cpus", spec.cpus),
    ...one("stop-timeout", spec.update.stopTimeout === 10 ? null : spec.update.stopTimeout),
    ...health(spec),
    ...many("env", environment(spec.env).map(inConfig)),
  ];
}

function one(option: string, value: string | number | null): string[] {
  return value === null ? [] : [`--${option}=${value}`];
}

function many(option: string, values: readonly string[]): string[] {
  return values.map((value) => `--${option}=${value}`);
}

function publication({ address, hostPort, containerPort, protocol }: PublishedPort): string {
  const where = address.includes(":") && !address.startsWith("[") ? `[${address}]` : address;
  const suffix = protocol === "tcp" ? "" : `/${protocol}`;
  return `${where}:${hostPort ?? ""}:${containerPort}${suffix}`;
}

function environment(env: Readonly<Record<string, string>>): string[] {
  return Object.keys(env)
    .sort()
    .map((name) => `${name}=${env[name]}`);
}

function health({ health }: ServiceSpec): string[] {
  if (health === null) return [];
  return [
    `--health-cmd=${health.command}`,
    `--health-interval=${health.interval}s`,
    `--health-timeout=${health.timeout}s`,
    `--health-retries=${health.retries}`,
    `--health-start-period=${health.startPeriod}s`,
  ];
}
