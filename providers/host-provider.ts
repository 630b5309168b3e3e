import { randomBytes } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import type {
  CheckFailure,
  CheckResult,
  CreateResult,
  DiffResult,
  ReadResult,
  UpdateResult,
} from "@pulumi/pulumi/dynamic/index.js";
import { checked } from "./checked.ts";
import { observedHostSecrets, type SentSecrets, withSecrets } from "./host-secrets.ts";
import type { HostSecrets, HostState } from "./host-state.ts";
import { forgetSnapshot, sessionOn, snapshotOf } from "./operation.ts";
import { goneForGood } from "./remote/errors.ts";
import { installHost, uninstallHost } from "./remote/host-commands.ts";
import { contentHash, hostScripts, SCRIPTS_ON_HOST } from "./remote/host-scripts.ts";
import type { HostSnapshot } from "./remote/host-snapshot.ts";
import { renderHost, renderSecretHostFiles } from "./render/host.ts";
import { connectionKey } from "./spec/connection.ts";
import type { HostSpec } from "./spec/host-spec.ts";
import { parseHost } from "./spec/parse-host.ts";
import { UNKNOWN } from "./spec/unknown.ts";

export async function check(olds: Partial<HostState>, news: HostArguments): Promise<CheckResult<HostState>> {
  const result = await checked(() => wantedHost(olds, news));
  return { ...result, ...(result.failures ? { failures: result.failures.map(withPathInProgram) } : {}) };
}

/** The constructor takes `etcd` apart. */
function withPathInProgram(failure: CheckFailure): CheckFailure {
  return { ...failure, property: failure.property.replace(/^etcdAccess/, "etcd") };
}

/** What the resource's constructor sends: the arguments, with what is secret of them apart. */
export interface HostArguments {
  readonly secrets?: SentSecrets;
  readonly [argument: string]: unknown;
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

/** A host of another name is another host; an address, a key or a script that changed is the same one. */
export async function diff(_id: string, old: HostState, wanted: HostState): Promise<DiffResult> {
  if (old.name !== wanted.name) return { changes: true, replaces: ["name"] };
  if (old.maintenance !== wanted.maintenance) console.log(`${wanted.name}: ${effectOfMaintenance(wanted)}`);
  return {
    changes: changesHost(old, wanted) || connectionKey(old.connection) !== connectionKey(wanted.connection),
  };
}

function effectOfMaintenance({ maintenance }: HostState): string {
  const change = maintenance ? "withdrawn from DNS and drained" : "back in DNS";
  return `all its services are ${change}, containers untouched`;
}

export async function create(wanted: HostState): Promise<CreateResult<HostState>> {
  await install(wanted);
  return { id: wanted.name, outs: wanted };
}

export async function update(
  _id: string,
  old: HostState,
  wanted: HostState,
): Promise<UpdateResult<HostState>> {
  if (changesHost(old, wanted)) await install(wanted);
  else await sessionOn(wanted.connection);
  return { outs: wanted };
}

export async function read(id: string, state: HostState): Promise<ReadResult<HostState>> {
  try {
    const snapshot = await snapshotOf(state.name, state.connection);
    if (snapshot === null) return { id: "" };
    const observed = observedHost(state, snapshot);
    return { id, props: observed, inputs: observed };
  } catch (error) {
    console.error(`${state.name}: not refreshed: ${(error as Error).message}`);
    return { id, props: state };
  }
}

async function deleteHost(_id: string, state: HostState): Promise<void> {
  const session = await sessionOn(state.connection).catch((error: Error) => {
    throw goneForGood(error, "it");
  });
  forgetSnapshot(state.connection);
  await uninstallHost(session, state.name);
}

export { deleteHost as delete };

async function install(wanted: HostState): Promise<void> {
  const session = await sessionOn(wanted.connection);
  forgetSnapshot(wanted.connection);
  const files = { open: wanted.files, secret: wanted.secrets?.files ?? {} };
  for (const warning of await installHost(session, wanted.name, files))
    console.error(`${wanted.name}: ${warning}`);
}

function changesHost(old: HostState, wanted: HostState): boolean {
  return (["files", "scripts", "secrets"] as const).some((key) => !isDeepStrictEqual(old[key], wanted[key]));
}

/** Files that are as they should be keep their content; of another one only its hash is known. */
function observedHost(known: HostState, snapshot: HostSnapshot): HostState {
  const { hostFileHashes, hostFileModes } = snapshot;
  const withMode = (text: string, path: string, wanted: string) => {
    const { [path]: mode = wanted } = hostFileModes;
    return mode === wanted ? text : `${text} (${mode})`;
  };
  const { maintenance: _, ...state } = known;
  const maintenance = hostFileHashes["/etc/rundock/maintenance"] !== undefined;
  const files = Object.entries({
    ...(maintenance ? { maintenance: "declared\n" } : {}),
    ...state.files,
  }).flatMap(([name, content]) => {
    const hash = hostFileHashes[`/etc/rundock/${name}`];
    if (hash === undefined) return [];
    const found = hash === contentHash(content) ? content : `(changed on the host, sha256 ${hash})`;
    return [[name, withMode(found, `/etc/rundock/${name}`, "0644")]];
  });
  const scripts = Object.entries(hostFileHashes)
    .filter(([path]) => path.startsWith(`${SCRIPTS_ON_HOST}/`))
    .map(([path, hash]) => [path.slice(SCRIPTS_ON_HOST.length + 1), withMode(hash, path, "0755")]);
  return {
    ...state,
    files: Object.fromEntries(files),
    scripts: Object.fromEntries(scripts),
    ...(maintenance ? { maintenance } : {}),
    ...(state.secrets ? { secrets: observedHostSecrets(state.secrets, snapshot) } : {}),
  };
}
