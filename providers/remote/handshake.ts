import type { Socket } from "node:net";
import { type Config, NodeSSH } from "node-ssh";
import type { Channel } from "ssh2";
import type { Connection } from "../spec/connection.ts";
import { AttemptError } from "./attempt-error.ts";
import type { ConnectFailure } from "./errors.ts";
import { explainFailure } from "./explain-failure.ts";
import { type HostKeyTrust, judgeHostKey } from "./host-key-trust.ts";
import type { Login } from "./login.ts";

/** A link that is silent for three of them and one more is given up. */
const KEEPALIVE_SECONDS = 10;

/** What it takes to log in on a host. */
export interface LoginRequest {
  readonly connection: Connection;
  readonly login: Login;
  readonly trust: HostKeyTrust;
}

/**
 * Speaks SSH on a stream to the host, until the login is done. The stream may still be connecting.
 *
 * @throws AttemptError
 */
export async function shakeHands(
  stream: Socket | Channel,
  request: LoginRequest,
  deadlineSeconds: number,
): Promise<NodeSSH> {
  const { connection, login, trust } = request;
  let refusal: ConnectFailure | null = null;
  let isAnswered = !("connecting" in stream && stream.connecting);
  stream.once("connect", () => {
    isAnswered = true;
  });
  // A jump host tells that the far side hung up and waits for this one to do so: ssh2 waits too, with no keepalive left.
  stream.once("end", () => stream.destroy());
  const ssh = new NodeSSH();
  const ready = ssh.connect({
    ...configOf(request),
    sock: stream,
    readyTimeout: deadlineSeconds * 1000,
    hostVerifier: (shown: Buffer) => {
      refusal = judgeHostKey(trust, shown);
      return refusal === null;
    },
  });
  // node-ssh stops listening once the login is done: without a listener, a link that breaks ends the process.
  ssh.connection?.on("error", () => {});
  try {
    await ready;
    if (ssh.connection === null) throw new Error("No response from server");
    return ssh;
  } catch (error) {
    stream.destroy();
    if (refusal !== null) throw new AttemptError(refusal, { cause: error });
    throw explainFailure(error as Error, { connection, login, trust, isAnswered, deadlineSeconds });
  }
}

function configOf({ connection, login: { from: _, ...login }, trust }: LoginRequest): Config {
  return {
    username: connection.user,
    ...login,
    keepaliveInterval: KEEPALIVE_SECONDS * 1000,
    // Without any, ssh2 asks for all it knows.
    algorithms: { serverHostKey: trust.algorithms as never },
  };
}
