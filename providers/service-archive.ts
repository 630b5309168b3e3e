import { posix } from "node:path";
import { type ServiceSecrets, type ServiceState, usualRights } from "./plan/service-state.ts";
import { type Archive, WHOLE } from "./remote/tar.ts";

/**
 * The rendered files where apply.sh expects them: of the release, of the service directory, and the secrets. A secret file
 * of the live configuration has a link among the others, so that its place tells nothing of what it is.
 */
export function serviceArchive({
  release,
  tree,
  modes,
  secrets,
  secretConfig,
  claim,
}: Pick<ServiceState, "release" | "tree" | "modes" | "secrets" | "secretConfig" | "claim">): Archive {
  const releaseFolder = `service/releases/${release}`;
  const entries = Object.entries(tree).map(([path, content]) => [
    path.startsWith("current/") ? `${releaseFolder}/${path.slice("current/".length)}` : `service/${path}`,
    { content, mode: Number.parseInt(modes[path] ?? usualRights(path), 8) },
  ]);
  const links = Object.keys(secretConfig?.files ?? {}).map((path) => [
    `${releaseFolder}/${path}`,
    { linkTo: posix.relative(posix.dirname(path), `private/${path}`) },
  ]);
  return {
    ...Object.fromEntries([...entries, ...secretEntries(secrets), ...links, ...secretEntries(secretConfig)]),
    ...(claim === undefined ? {} : { claim: { content: `${claim}\n`, mode: 0o644 } }),
    ...WHOLE,
  };
}

function secretEntries(secrets: ServiceSecrets | undefined) {
  return Object.entries(secrets?.files ?? {}).map(([path, { content, mode }]) => [
    `secrets/${path}`,
    { content, mode: Number.parseInt(mode, 8) },
  ]);
}
