import type { ServiceState } from "./plan/service-state.ts";
import type { Archive } from "./remote/tar.ts";

/** The rendered files where apply.sh expects them: of the release, of the service directory, and the secrets. */
export function serviceArchive({
  tree,
  modes,
  secrets,
}: Pick<ServiceState, "tree" | "modes" | "secrets">): Archive {
  const entries = Object.entries(tree).map(([path, content]) => [
    path.startsWith("current/") ? `release/${path.slice("current/".length)}` : `service/${path}`,
    { content, mode: Number.parseInt(modes[path] ?? "0644", 8) },
  ]);
  const secretEntries = Object.entries(secrets?.files ?? {}).map(([path, { content, mode }]) => [
    `secrets/${path}`,
    { content, mode: Number.parseInt(mode, 8) },
  ]);
  return Object.fromEntries([...entries, ...secretEntries]);
}
