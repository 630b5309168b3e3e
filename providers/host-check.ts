import { randomBytes } from "node:crypto";
import type { CheckFailure, CheckResult } from "@pulumi/pulumi/dynamic/index.js";
import { checked } from "./checked.ts";
import { type SentSecrets, withSecrets } from "./host-secrets.ts";
import type { HostSecrets, HostState } from "./host-state.ts";
import { contentHash, hostScripts } from "./remote/host-scripts.ts";
import { renderHost, renderSecretHostFiles } from "./render/host.ts";
import type { HostSpec } from "./spec/host-spec.ts";
import { parseHost } from "./spec/parse-host.ts";
import { UNKNOWN } from "./spec/unknown.ts";

/** What the resource's constructor sends: the arguments, with what is secret of them apart. */
export interface HostArguments {
  readonly secrets?: SentSecrets;
  readonly [argument: string]: unknown;
}

/** Turns the arguments into the state that is wanted, or tells all that is wrong with them. */
export async function checkHost(
  olds: Partial<HostState>,
  news: HostArguments,
): Promise<CheckResult<HostState>> {
  const result = await checked(() => wantedHost(olds, news));
  return { ...result, ...(result.failures ? { failures: result.failures.map(withPathInProgram) } : {}) };
}

/** The constructor takes `etcd` apart. */
function withPathInProgram(failure: CheckFailure): CheckFailure {
  return { ...failure, property: failure.property.replace(/^etcdAccess/, "etcd") };
}

function wantedHost(olds: Partial<HostState>, news: HostArguments): HostState {
  const { __provider, secrets, ...args } = news;
  const spec = parseHost(withSecrets(args, secrets));
  const scripts = Object.entries(hostScripts()).map(([name, text]) => [name, contentHash(text)]);
  const salt = olds.secrets?.salt ?? randomBytes(16).toString("hex");
  return {
    name: spec.name,
    connection: spec.connection,
    files: renderHost(spec, salt),
    scripts: Object.fromEntries(scripts),
    ...(spec.maintenance ? { maintenance: true } : {}),
    ...(secrets === undefined ? {} : { secrets: secretsOf(spec, secrets, salt) }),
  };
}

function secretsOf(spec: HostSpec, secrets: SentSecrets, salt: string): HostSecrets {
  return secrets === UNKNOWN ? (UNKNOWN as never) : { salt, files: renderSecretHostFiles(spec) };
}
