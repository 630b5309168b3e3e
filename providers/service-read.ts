import {
  type ContainerState,
  modeText,
  type ServiceSecrets,
  type ServiceState,
} from "./plan/service-state.ts";
import { contentHash } from "./remote/host-scripts.ts";
import type { HostSnapshot } from "./remote/host-snapshot.ts";
import type { FoundFile } from "./remote/tar.ts";

/** What the snapshot shows of a service, in the form of its state; null when its directory is gone. */
export function observedService(state: ServiceState, snapshot: HostSnapshot): ServiceState | null {
  const tree = snapshot.trees[state.name];
  if (tree === undefined) return null;
  const paths = Object.keys(tree).sort();
  const modes = paths.map((path) => [path, rightsOf(tree[path])] as const);
  return {
    ...state,
    enabled: snapshot.links.has(state.name),
    state: containerState(state, snapshot),
    tree: Object.fromEntries(paths.map((path) => [path, tree[path]?.content ?? ""])),
    modes: Object.fromEntries(modes.filter(([, rights]) => rights !== "0644")),
    ...(state.secretConfig
      ? { secretConfig: observedSecrets(state.name, state.secretConfig, snapshot) }
      : {}),
    ...withExtras(state, snapshot),
  };
}

/** The mode, and the owner when it is not root. */
function rightsOf({ mode = 0, owner }: Partial<FoundFile> = {}): string {
  return [modeText(mode), ...(owner === undefined ? [] : [owner])].join(" ");
}

function containerState({ name }: ServiceState, snapshot: HostSnapshot): ContainerState {
  const container = snapshot.containers.find(({ Names }) => Names.includes(`/${name}`));
  const identity = snapshot.trees[name]?.["current/identity"]?.content.trim();
  const ours = container?.Labels["rundock.identity"] === identity;
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
