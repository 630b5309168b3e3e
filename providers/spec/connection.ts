/**
 * Where a host's SSH server is and which key it must show. It holds no credential: those come from
 * the stack's configuration or the agent, so that they never enter a resource's state.
 */
export interface Connection {
  readonly address: string;
  readonly port: number;
  readonly user: string;
  /** The server's public key as `type base64`, as in an authorized_keys line. */
  readonly hostKey: string;
  /** The host to go through. */
  readonly jump?: Connection;
}

/** A text that is equal for equal connections: the pool's key. */
export function connectionKey(connection: Connection): string {
  const { user, address, port, hostKey, jump } = connection;
  return `${user}@${address}:${port} ${hostKey}${jump === undefined ? "" : ` via ${connectionKey(jump)}`}`;
}
