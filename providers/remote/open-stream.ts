import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { NodeSSH } from "node-ssh";
import type { Channel } from "ssh2";
import { type Connection, shortName } from "../spec/connection.ts";
import { AttemptError } from "./attempt-error.ts";

/** A name may have several addresses; one that does not answer makes way for the next after this long. */
const NEXT_ADDRESS_MS = 2000;
/** RFC 4254: the server forbids forwarding; it could not connect to the target. */
const PROHIBITED = 1;
const CONNECT_FAILED = 2;

/** A connection to the host's port, which is not there yet; the caller ends it when it takes too long. */
export function openSocket({ address, port }: Connection): Socket {
  return connect({
    host: address,
    port,
    noDelay: true,
    autoSelectFamilyAttemptTimeout: NEXT_ADDRESS_MS,
  });
}

/**
 * A connection to the host's port that its jump host's SSH server opens.
 *
 * @throws AttemptError
 */
export async function forwardThrough(
  jump: NodeSSH,
  connection: Connection,
  deadlineSeconds: number,
): Promise<Channel> {
  const over = new AbortController();
  const opening = open(jump, connection);
  const deadline = sleep(deadlineSeconds * 1000, null, { signal: over.signal }).catch(() => null);
  const channel = await Promise.race([opening, deadline]).finally(() => over.abort());
  if (channel !== null) return channel;
  // An opening cannot be taken back.
  opening.then(
    (late) => late.close(),
    () => {},
  );
  throw notReached(connection, `no answer within ${Math.round(deadlineSeconds)} s`);
}

async function open(jump: NodeSSH, connection: Connection): Promise<Channel> {
  try {
    return await jump.forwardOut("127.0.0.1", 0, connection.address, connection.port);
  } catch (error) {
    const { reason, message } = error as Error & { reason?: number };
    const said = message.replace("(SSH) Channel open failure: ", "");
    if (reason === CONNECT_FAILED) throw notReached(connection, said);
    if (reason === PROHIBITED) throw prohibited(connection, said);
    const cause = `the connection to ${jumpOf(connection)} was lost`;
    throw new AttemptError(
      { cause, advice: [`Check ${jumpOf(connection)}`] },
      { cause: error, isTransient: true },
    );
  }
}

function notReached(connection: Connection, why: string): AttemptError {
  return new AttemptError({
    cause: `${jumpOf(connection)} cannot reach it (${why})`,
    advice: [
      `Check address and port, as ${jumpOf(connection)} sees them, the firewalls between, and that the machine is up`,
    ],
  });
}

function prohibited(connection: Connection, why: string): AttemptError {
  return new AttemptError({
    cause: `${jumpOf(connection)} does not let connections through (${why})`,
    advice: [
      "A jump host's sshd_config needs AllowTcpForwarding yes, or local, and no PermitOpen that leaves this host out",
    ],
  });
}

function jumpOf({ jump }: Connection): string {
  return jump === undefined ? "its jump host" : shortName(jump);
}
