import { isDeepStrictEqual } from "node:util";
import type { ReadResult } from "@pulumi/pulumi/dynamic/index.js";
import {
  type ContainerState,
  rightsText,
  type ServiceSecrets,
  type ServiceState,
  unusualModes,
  withFound,
} from "./plan/service-state.ts";
import { contentHash } from "./remote/host-scripts.ts";
import type { HostSnapshot, ListedContainer } from "./remote/host-snapshot.ts";
import type { FoundFile } from "./remote/tar.ts";
import { storeConnection, storedConnection } from "./spec/connection.ts";
import { type StoredService, storedService, storeService } from "./stored-service.ts";

/** Inputs only where they change: Pulumi has those that made this state, and each costs it time with hundreds of services. */
export function readResult(
  id: string,
  stored: StoredService,
  observed: ServiceState,
): ReadResult<StoredService> {
  if (isDeepStrictEqual(observed, storedService(stored))) return { id, props: stored };
  return { id, props: storeService(observed), inputs: storeService(withFound(observed, {})) };
}

type FoundTree = Readonly<Record<string, FoundFile>>;

/** What the snapshot shows of a service, in the form of its state; null when its directory is gone. */
export function observedService(state: ServiceState, snapshot: HostSnapshot): ServiceState | null {
  const { failed: _, ...known } = state;
  const found = snapshot.trees[state.name];
  if (found === undefined) return null;
  const tree = withMounted(found, state, snapshot);
  const paths = Object.keys(tree).sort();
  const modes = paths.map((path) => [path, rightsText(tree[path]?.mode ?? 0, tree[path]?.owner)] as const);
  return {
    ...known,
    connection: storeConnection(storedConnection(state.connection)),
    enabled: snapshot.links.has(state.name),
    state: containerState(state, snapshot),
    tree: Object.fromEntries(paths.map((path) => [path, tree[path]?.content ?? ""])),
    modes: unusualModes(Object.fromEntries(modes)),
    ...(state.secretConfig
      ? { secretConfig: observedSecrets(state.name, state.secretConfig, snapshot) }
      : {}),
    ...withExtras(state, snapshot),
  };
}

/** A file that the container has mounted from a release before the current one, with other content, is shown as changed. */
function withMounted(tree: FoundTree, { name }: ServiceState, snapshot: HostSnapshot): FoundTree {
  const changed = Object.entries(tree)
    .filter(
      ([path, { content }]) =>
        path.startsWith("current/files/") && isOtherMounted(name, path, content, snapshot),
    )
    .map(([path, file]) => [path, { ...file, content: "(changed where the container has it)\n" }]);
  return { ...tree, ...Object.fromEntries(changed) };
}

/** @param path begins with `current/`. */
function isOtherMounted(name: string, path: string, content: string, snapshot: HostSnapshot): boolean {
  const labels = containerOf(name, snapshot)?.Labels;
  const hashes = snapshot.mountedHashes;
  if (!labels || hashes === null || labels["rundock.identity"] !== identityOf(name, snapshot)) return false;
  const release = `${name}/releases/${labels["rundock.release"]}`;
  return hashes[path.replace("current", release)] !== contentHash(content);
}

function containerOf(name: string, { containers }: HostSnapshot): ListedContainer | undefined {
  return containers.find(({ Names }) => Names.includes(`/${name}`));
}

function identityOf(name: string, { trees }: HostSnapshot): string | undefined {
  return trees[name]?.["current/identity"]?.content.trim();
}

function containerState({ name }: ServiceState, snapshot: HostSnapshot): ContainerState {
  const container = containerOf(name, snapshot);
  const ours = container?.Labels["rundock.identity"] === identityOf(name, snapshot);
  const withdrawn =
    snapshot.trees[name]?.maintenance !== undefined ||
    snapshot.hostFileHashes["/etc/rundock/maintenance"] !== undefined;
  if (container?.State === "running" && ours) return withdrawn ? "maintenance" : "running";
  return snapshot.links.has(name) ? "stopped" : "disabled";
}

/**
 * A secret never travels back: one that has another hash on the host is shown as changed, without its content, and so is
 * one that somebody else may read.
 */
function observedSecrets(name: string, secrets: ServiceSecrets, snapshot: HostSnapshot): ServiceSecrets {
  const files = Object.entries(secrets.files)
    .filter(([path, { content }]) => snapshot.secretHashes[`${name}/${path}`] === contentHash(content))
    .filter(
      ([path, { content }]) =>
        !(path.startsWith("files/") && isOtherMounted(name, `current/private/${path}`, content, snapshot)),
    )
    .map(([path, { content, mode }]) => [
      path,
      { content, mode: snapshot.secretModes[`${name}/${path}`] ?? mode },
    ]);
  return { salt: secrets.salt, files: Object.fromEntries(files) };
}

/** The secrets, and beside them the files that a hand added, and their folder when others than root may enter. */
function withExtras(state: ServiceState, snapshot: HostSnapshot): { secrets?: ServiceSecrets } {
  const { name, secrets, secretConfig } = state;
  const known = new Set(Object.keys({ ...secrets?.files, ...secretConfig?.files }));
  const extras = Object.keys(snapshot.secretHashes)
    .filter((path) => path.startsWith(`${name}/`))
    .map((path) => path.slice(name.length + 1))
    .filter((path) => !known.has(path))
    .map((path) => [path, { content: "(not made by Rundock)", mode: "0600" }]);
  const folder = snapshot.secretModes[`${name}/`] ?? "0700";
  if (folder !== "0700") extras.push([".", { content: "(the folder)", mode: folder }]);
  if (secrets === undefined && extras.length === 0) return {};
  const observed = observedSecrets(name, secrets ?? { salt: "", files: {} }, snapshot);
  return { secrets: { ...observed, files: { ...observed.files, ...Object.fromEntries(extras) } } };
}
