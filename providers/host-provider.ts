import { isDeepStrictEqual } from "node:util";
import type {
  CheckResult,
  CreateResult,
  DiffResult,
  ReadResult,
  UpdateResult,
} from "@pulumi/pulumi/dynamic/index.js";
import type { HostArguments } from "./host-check.ts";
import { observedHostSecrets } from "./host-secrets.ts";
import type { HostState } from "./host-state.ts";
import { forgetSnapshot, sessionOn, snapshotOf } from "./operation.ts";
import { goneForGood } from "./remote/errors.ts";
import { installHost, uninstallHost } from "./remote/host-commands.ts";
import { contentHash, SCRIPTS_ON_HOST } from "./remote/host-scripts.ts";
import type { HostSnapshot } from "./remote/host-snapshot.ts";
import { connectionKey } from "./spec/connection.ts";

/** Loaded when it is called: a refresh, which has a process of its own, checks nothing. */
export async function check(olds: Partial<HostState>, news: HostArguments): Promise<CheckResult<HostState>> {
  const { checkHost } = await import("./host-check.ts");
  return checkHost(olds, news);
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
