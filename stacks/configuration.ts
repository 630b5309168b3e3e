import * as pulumi from "@pulumi/pulumi";
import { SpecError } from "../providers/spec/spec-error.ts";
import { parseConfiguration } from "./parse-configuration.ts";
import { plainTlsKeys } from "./plain-tls-keys.ts";
import type { Certificates } from "./tls-certificates.ts";

/** What the resources' provider reads by itself, and the secrets of the compositions. */
export const READ_ELSEWHERE = [
  "grafanaAdminPassword",
  "knownHosts",
  "registry",
  "sshKey",
  "sshKeyFile",
  "sshKeyPassphrase",
  "tls",
];

/** What a stack's file sets under `rundock:`, with every default filled in. */
export type Configuration = ReturnType<typeof parseConfiguration> & {
  readonly grafanaAdminPassword: pulumi.Output<string> | undefined;
  readonly certificates: pulumi.Output<Certificates> | undefined;
};

/** @throws RunError that lists everything that is wrong, with its path. */
export function readConfiguration(): Configuration {
  const config = new pulumi.Config("rundock");
  const grafanaAdminPassword = config.getSecret("grafanaAdminPassword");
  const hasGrafanaPassword = Boolean(pulumi.runtime.allConfig()["rundock:grafanaAdminPassword"]);
  try {
    const parsed = parseConfiguration({ ...settings(config), ...tlsSetting(), hasGrafanaPassword });
    return { ...parsed, grafanaAdminPassword, certificates: config.getSecretObject("tls") };
  } catch (error) {
    throw configurationError(error);
  }
}

/** What Pulumi prints without a stack trace, when the configuration is to blame. */
export function configurationError(error: unknown): unknown {
  if (!(error instanceof SpecError)) return error;
  const lines = error.message.split("\n").map((line) => `  rundock:${line}`);
  return new pulumi.RunError(`the stack's configuration is not good:\n${lines.join("\n")}`);
}

/** Only to be checked; what is used is the output, which stays a secret. */
function tlsSetting(): { readonly tls?: unknown; readonly plainTlsKeys?: readonly string[] } {
  const text = pulumi.runtime.allConfig()["rundock:tls"];
  if (text === undefined) return {};
  const tls = textOrData(text);
  return { tls, plainTlsKeys: plainTlsKeys(tls) };
}

/** All that is set, known or not, so that a misspelt setting is refused and not passed over. */
function settings(config: pulumi.Config): Record<string, unknown> {
  const prefix = `${config.name}:`;
  const keys = Object.keys(pulumi.runtime.allConfig())
    .filter((key) => key.startsWith(prefix))
    .map((key) => key.slice(prefix.length))
    .filter((key) => !READ_ELSEWHERE.includes(key));
  return Object.fromEntries(keys.map((key) => [key, textOrData(config.require(key))]));
}

/** Pulumi hands structured values over as JSON. */
function textOrData(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
