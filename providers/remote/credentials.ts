/** How to log in, and where it is written which hosts are known; the same for every host of a stack. */
export interface Credentials {
  /** The private key's text. */
  readonly privateKey?: string;
  /** The file with the private key, where there is no text. */
  readonly privateKeyFile?: string;
  /** Opens an encrypted key. */
  readonly passphrase?: string;
  /** The SSH agent's socket, where there is no key. */
  readonly agent?: string;
  /** A file as ssh keeps it. @default "~/.ssh/known_hosts" */
  readonly knownHosts?: string;
}

/** Reads one key of the stack's configuration; undefined when it is not set. */
export type ReadConfig = (key: string) => string | undefined;

/**
 * The key from `rundock:sshKey` (a secret), else the file that `rundock:sshKeyFile` names (`~/` is the home
 * folder), else the agent at SSH_AUTH_SOCK. `rundock:sshKeyPassphrase` opens an encrypted key, `rundock:knownHosts` names
 * the file of known hosts. No file is read before a host is to be reached.
 */
export function credentialsFrom(config: ReadConfig): Credentials {
  const given = {
    privateKey: config("rundock:sshKey"),
    privateKeyFile: config("rundock:sshKeyFile"),
    passphrase: config("rundock:sshKeyPassphrase"),
    agent: process.env.SSH_AUTH_SOCK,
    knownHosts: config("rundock:knownHosts"),
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value));
}
