import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** How to log in; the same for every host of a stack. */
export interface Credentials {
  readonly privateKey?: string;
  readonly passphrase?: string;
  readonly agent?: string;
}

/** Reads one key of the stack's configuration; undefined when it is not set. */
export type ReadConfig = (key: string) => string | undefined;

/**
 * The key from `rundock:sshKey` (a secret), else the file that `rundock:sshKeyFile` names (`~/` is the home
 * folder), else the agent at SSH_AUTH_SOCK. `rundock:sshKeyPassphrase` opens an encrypted key.
 */
export function credentialsFrom(config: ReadConfig): Credentials {
  const privateKey = config("rundock:sshKey") ?? keyFromFile(config("rundock:sshKeyFile"));
  const passphrase = config("rundock:sshKeyPassphrase");
  const agent = process.env.SSH_AUTH_SOCK;
  if (privateKey !== undefined) return { privateKey, ...(passphrase === undefined ? {} : { passphrase }) };
  return agent ? { agent } : {};
}

function keyFromFile(path: string | undefined): string | undefined {
  if (path === undefined) return undefined;
  return readFileSync(path.startsWith("~/") ? join(homedir(), path.slice(2)) : path, "utf8");
}
