import { setTimeout as sleep } from "node:timers/promises";
import { type Config, NodeSSH } from "node-ssh";
import type { Connection } from "../spec/connection.ts";
import type { Credentials } from "./credentials.ts";
import { ConnectError } from "./errors.ts";
import { fingerprint, hostKeyAlgorithms, isPinnedKey } from "./host-key.ts";

const HANDSHAKE_SECONDS = 15;
const KEEPALIVE_SECONDS = 10;
const RETRY_AFTER_SECONDS = [0.5, 2];

/**
 * Logs in, through the jump host's session when there is one. Tries again only where the network failed;
 * a wrong host key or a refused login is final.
 *
 * @throws ConnectError that names the address and why.
 */
export async function connect(
  connection: Connection,
  credentials: Credentials,
  jump: NodeSSH | null,
): Promise<NodeSSH> {
  for (const pause of RETRY_AFTER_SECONDS) {
    try {
      return await attempt(connection, credentials, jump);
    } catch (error) {
      if (!isWorthRetrying(error)) throw asConnectError(connection, error);
    }
    await sleep(pause * 1000);
  }
  try {
    return await attempt(connection, credentials, jump);
  } catch (error) {
    throw asConnectError(connection, error);
  }
}

async function attempt(
  connection: Connection,
  credentials: Credentials,
  jump: NodeSSH | null,
): Promise<NodeSSH> {
  let wrongKey: string | undefined;
  const config: Config = {
    host: connection.address,
    port: connection.port,
    username: connection.user,
    ...credentials,
    readyTimeout: HANDSHAKE_SECONDS * 1000,
    keepaliveInterval: KEEPALIVE_SECONDS * 1000,
    algorithms: { serverHostKey: hostKeyAlgorithms(connection.hostKey) as never },
    hostVerifier: (shown: Buffer) => {
      const pinned = isPinnedKey(connection.hostKey, shown);
      if (!pinned) wrongKey = fingerprint(shown);
      return pinned;
    },
    ...(jump === null
      ? {}
      : { sock: await jump.forwardOut("127.0.0.1", 0, connection.address, connection.port) }),
  };
  const session = new NodeSSH();
  try {
    await session.connect(config);
  } catch (error) {
    if (wrongKey === undefined) throw error;
    throw new ConnectError(
      `${where(connection)}: could not verify the host key: it shows ${wrongKey}, which is not the pinned key\n` +
        "  Find out why before you change hostKey: a new machine has a new key, and so has an impostor",
    );
  }
  // node-ssh drops its own listener after the handshake: without one, a broken link ends the process.
  session.connection?.on("error", () => {});
  return session;
}

function isWorthRetrying(error: unknown): boolean {
  if (error instanceof ConnectError) return false;
  const { level, code } = error as { level?: string; code?: string };
  if (code === "ECONNREFUSED" || code === "ENOTFOUND") return false;
  return level === "client-timeout" || level === "client-socket" || code === "ECONNRESET";
}

function asConnectError(connection: Connection, error: unknown): ConnectError {
  if (error instanceof ConnectError) return error;
  const { level, message } = error as { level?: string; message: string };
  const advice =
    level === "client-authentication"
      ? "Set the key with `pulumi config set --secret rundock:sshKey`, or load it into the SSH agent"
      : "Check the address, the port and that the machine is up; `pulumi up --target` leaves it out";
  return new ConnectError(`${where(connection)}: could not connect over SSH: ${message}\n  ${advice}`, {
    cause: error,
  });
}

function where({ address, port, user }: Connection): string {
  return `${user}@${address}:${port}`;
}
