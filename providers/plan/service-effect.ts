import { isDeepStrictEqual } from "node:util";
import { changesHost } from "./service-diff.ts";
import type { ServiceRollout, ServiceState } from "./service-state.ts";

/** What a change will do to a service that exists, in words for a preview. */
export function describeEffect(old: ServiceState, wanted: ServiceState): string {
  const subject = `${wanted.host}: ${wanted.name}`;
  if (old.host !== wanted.host) return `${subject}: moves from ${old.host} to ${wanted.host}`;
  if (old.name !== wanted.name) return `${subject}: takes the place of ${old.name}, new container`;
  if (!changesHost(old, wanted)) return `${subject}: what Pulumi knows of it, host untouched`;
  return `${subject}: ${effectOf(old, wanted)}${orderOf(wanted.rollout)}`;
}

/** What the creation of a service does that takes over what is there. */
export function describeAdoption(wanted: ServiceState): string {
  return `${wanted.host}: ${wanted.name}: ${adoption(wanted)}`;
}

function adoption(wanted: ServiceState): string {
  const effect = wanted.enabled
    ? `the container runs on if it is the same, else ${replacement(wanted)}`
    : "the container is stopped";
  return `adopts what is there under its name; ${effect}`;
}

function effectOf(old: ServiceState, wanted: ServiceState): string {
  if (wanted.adopt && !old.adopt && old.state === "stopped") return adoption(wanted);
  if (!wanted.enabled)
    return old.enabled ? "withdrawn, stopped and unlinked" : "files only, it stays disabled";
  if (!old.enabled) return "enabled, container started";
  if (!["running", "maintenance", "unknown"].includes(old.state))
    return "container started, since it does not run";
  const changed = changedPaths(old.tree, wanted.tree);
  const others = changed.filter((path) => path !== MAINTENANCE);
  if (others.length === changed.length) return effectOfFiles(others, old, wanted);
  const rest = others.length === 0 ? ", container untouched" : `; ${effectOfFiles(others, old, wanted)}`;
  return `${effectOfMaintenance(wanted)}${rest}`;
}

/** The mark that keeps a service out of DNS. */
const MAINTENANCE = "maintenance";

function effectOfMaintenance({ tree }: ServiceState): string {
  if (tree[MAINTENANCE] === undefined) return "back in DNS";
  return tree["current/announce"] === undefined
    ? "maintenance, without a record to withdraw"
    : "withdrawn from DNS and drained";
}

function effectOfFiles(changed: readonly string[], old: ServiceState, wanted: ServiceState): string {
  if (changed.includes("current/identity") || seesOtherFiles(old, wanted, changed))
    return replacement(wanted, old);
  if (changed.some(isConfig) || !isDeepStrictEqual(old.secretConfig, wanted.secretConfig))
    return "configuration checked and reloaded, container untouched";
  if (changed.includes("current/announce")) return "announcement only, container untouched";
  if (old.state === "unknown") return "completed, since its last change was cut off";
  return "files only, container untouched";
}

function isConfig(path: string): boolean {
  return path.startsWith("current/config/") || path === "current/config.secrets";
}

/** Whether a hand changed what the container has mounted; what a program changes has another identity. */
function seesOtherFiles(old: ServiceState, wanted: ServiceState, changed: readonly string[]): boolean {
  const isMounted = (path: string) => path.startsWith("current/files/");
  return changed.some(isMounted) || !isDeepStrictEqual(mountedSecrets(old), mountedSecrets(wanted));
}

/** Path -> content. Modes are put right in place, and the environment was read when the container was made. */
function mountedSecrets({ secrets }: ServiceState): Record<string, string> {
  const mounted = Object.entries(secrets?.files ?? {}).filter(([path]) => path.startsWith("files/"));
  return Object.fromEntries(mounted.map(([path, { content }]) => [path, content]));
}

/** In which order the members of a fleet are updated. */
function orderOf(rollout: ServiceRollout | undefined): string {
  if (rollout === undefined) return "";
  const { canary, maxParallel } = rollout;
  const first = canary === 0 ? "" : canary === 1 ? "canary first, then " : `${canary} canaries first, then `;
  return ` (${first}${maxParallel} at a time)`;
}

/** Seconds that a container needs to stop and another to start, beyond the drain, when the application needs none itself. */
const RESTART_SECONDS = 2;

/** @param old what drains, if it has a record */
function replacement({ tree }: ServiceState, old: Pick<ServiceState, "tree"> = { tree }): string {
  if (tree[MAINTENANCE] !== undefined) return "new container, it stays out of DNS";
  if (tree.order?.trim() === "start-first") return "new container, start-first, no interruption";
  const isFound = [old.tree, tree].every((each) => each["current/announce"] !== undefined);
  const drain = isFound ? Number(tree.drain) : 0;
  return `new container, stop-first, about ${Math.ceil(drain + RESTART_SECONDS)} s down`;
}

/** Paths whose content differs, or that only one of the trees has. */
export function changedPaths(
  old: Readonly<Record<string, string>>,
  wanted: Readonly<Record<string, string>>,
): string[] {
  const paths = new Set([...Object.keys(old), ...Object.keys(wanted)]);
  return [...paths].filter((path) => old[path] !== wanted[path]).sort();
}
