/**
 * Where a host's SSH server is and which key it must show. It holds no credential: those come from
 * the stack's configuration or the agent, so that they never enter a resource's state.
 */
export interface Connection {
  /** The host's name, for errors. @default its login and address */
  readonly name?: string;
  /** A name or an IP address; one of IPv6 without brackets. */
  readonly address: string;
  /** The port of its SSH server. */
  readonly port: number;
  /** The login. */
  readonly user: string;
  /** The server's public key as `type base64`, as in an authorized_keys line. @default known_hosts must have it */
  readonly hostKey?: string;
  /** The host to go through, which may have one in its turn. @default none */
  readonly jump?: Connection;
}

/**
 * In a service's state, as one text: Pulumi marshals, logs and compares each property of each resource many times over,
 * and those of a connection were a third of all. Older versions left it as it is.
 */
export type StoredConnection = string | Connection;

export function storeConnection(connection: Connection): string {
  return JSON.stringify(connection);
}

export function storedConnection(stored: StoredConnection): Connection {
  return typeof stored === "string" ? JSON.parse(stored) : stored;
}

/** A text that is equal for equal connections: the pool's key. */
export function connectionKey(connection: Connection): string {
  const { hostKey = "known", jump } = connection;
  return `${login(connection)} ${hostKey}${jump === undefined ? "" : ` via ${connectionKey(jump)}`}`;
}

/** The host and how it is reached, in words: `back-1 (root@10.0.0.21:22, through front-1)`. */
export function describeConnection(connection: Connection): string {
  const { name, jump } = connection;
  const through = jump === undefined ? [] : [`through ${shortName(jump)}`];
  if (name !== undefined) return `${name} (${[login(connection), ...through].join(", ")})`;
  return [login(connection), ...through.map((words) => `(${words})`)].join(" ");
}

/** The host's name, or where it is. */
export function shortName(connection: Connection): string {
  return connection.name ?? login(connection);
}

function login({ user, address, port }: Connection): string {
  return `${user}@${address.includes(":") ? `[${address}]` : address}:${port}`;
}
