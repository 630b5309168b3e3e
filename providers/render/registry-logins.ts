import { createHmac } from "node:crypto";
import type { RegistryLoginSpec } from "../spec/host-spec.ts";
import { isUnknown, UNKNOWN } from "../spec/unknown.ts";

/** Docker's client looks its own registry up by this name. */
const DOCKER_HUB_KEY = "https://index.docker.io/v1/";

/** Docker's config.json with the logins, for `docker --config DIRECTORY pull`. */
export function dockerConfig(logins: readonly RegistryLoginSpec[]): string {
  const auths = sortedByServer(logins).map(({ server, username, password }) => [
    /^(index\.)?docker\.io$/.test(server) ? DOCKER_HUB_KEY : server,
    { auth: Buffer.from(`${username}:${password}`).toString("base64") },
  ]);
  return `${JSON.stringify({ auths: Object.fromEntries(auths) }, null, 2)}\n`;
}

/**
 * A line for each login with a keyed hash of its password, so that a preview shows which login changes. The key is a
 * secret itself, so that nobody can try passwords. Unknown as a whole while a password is.
 */
export function loginMarks(logins: readonly RegistryLoginSpec[], salt: string): string {
  if (logins.some(({ password }) => isUnknown(password))) return UNKNOWN;
  const mark = (password: string) => createHmac("sha256", salt).update(password).digest("hex").slice(0, 16);
  return sortedByServer(logins)
    .map(({ server, username, password }) => `${server} ${username} ${mark(password)}\n`)
    .join("");
}

function sortedByServer(logins: readonly RegistryLoginSpec[]): RegistryLoginSpec[] {
  return [...logins].sort((a, b) => (a.server < b.server ? -1 : 1));
}
