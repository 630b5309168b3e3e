import { setTimeout as sleep } from "node:timers/promises";
import type { NodeSSH } from "node-ssh";
import { type Connection, describeConnection } from "../spec/connection.ts";
import { AttemptError } from "./attempt-error.ts";
import type { Credentials } from "./credentials.ts";
import { ConnectError } from "./errors.ts";
import { unreachableJump } from "./explain-failure.ts";
import { type LoginRequest, shakeHands } from "./handshake.ts";
import { trustIn } from "./host-key-trust.ts";
import { loginWith } from "./login.ts";
import { forwardThrough, openSocket } from "./open-stream.ts";

/** From the first packet to the end of the login. */
const ATTEMPT_SECONDS = 15;
/** All attempts and the pauses between them; a jump host has as much for itself. */
const TOTAL_SECONDS = 30;
const RETRY_AFTER_SECONDS = [0.5, 2, 4];

/** Gives the login on a jump host, anew when the last one was lost. */
export type OpenJump = (jump: Connection) => Promise<NodeSSH>;

interface Attempt extends LoginRequest {
  readonly openJump: OpenJump;
}

/**
 * Logs in, through the jump host when there is one, within 30 s. Tries again only what may pass: a connection that was
 * cut, a server with too many logins. A wrong host key, a refused login or port, an unknown name and an address that is
 * silent for 15 s are final.
 *
 * @throws ConnectError that names the host and why.
 */
export async function connect(
  connection: Connection,
  credentials: Credentials,
  openJump: OpenJump,
): Promise<NodeSSH> {
  try {
    const login = loginWith(credentials);
    const trust = trustIn(connection, credentials.knownHosts);
    return await attemptInTime({ connection, login, trust, openJump });
  } catch (error) {
    if (!(error instanceof AttemptError)) throw error;
    throw new ConnectError(describeConnection(connection), error.failure, { cause: error });
  }
}

async function attemptInTime(attempt: Attempt): Promise<NodeSSH> {
  // Before the clock starts: the jump host has its own time.
  await reachJump(attempt);
  const end = performance.now() + TOTAL_SECONDS * 1000;
  for (const pause of RETRY_AFTER_SECONDS) {
    try {
      return await attemptOnce(attempt, end);
    } catch (error) {
      const isTransient = error instanceof AttemptError && error.isTransient;
      if (!isTransient || performance.now() + pause * 1000 >= end) throw error;
    }
    await sleep(pause * 1000);
  }
  return attemptOnce(attempt, end);
}

async function attemptOnce(attempt: Attempt, end: number): Promise<NodeSSH> {
  const jump = await reachJump(attempt);
  const stop = Math.min(end, performance.now() + ATTEMPT_SECONDS * 1000);
  const secondsLeft = () => Math.max(1, stop - performance.now()) / 1000;
  const { connection } = attempt;
  const stream =
    jump === null ? openSocket(connection) : await forwardThrough(jump, connection, secondsLeft());
  return shakeHands(stream, attempt, secondsLeft());
}

async function reachJump({ connection, openJump }: Attempt): Promise<NodeSSH | null> {
  const { jump } = connection;
  if (jump === undefined) return null;
  try {
    return await openJump(jump);
  } catch (error) {
    throw error instanceof ConnectError ? unreachableJump(jump, error) : error;
  }
}
