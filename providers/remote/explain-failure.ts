import { type Connection, shortName } from "../spec/connection.ts";
import { AttemptError } from "./attempt-error.ts";
import type { ConnectError } from "./errors.ts";
import { type HostKeyTrust, noSuchKey } from "./host-key-trust.ts";
import { failedAgent, type Login, refusedLogin, unreadableKey } from "./login.ts";

/** What is known of an attempt that failed. */
export interface Attempt {
  readonly connection: Connection;
  readonly login: Login;
  readonly trust: HostKeyTrust;
  readonly deadlineSeconds: number;
  /** Whether the port took the connection. */
  readonly isAnswered: boolean;
}

/** As ssh2, node-ssh and Node's sockets throw it. */
interface SshError extends Error {
  readonly level?: string;
  readonly code?: string | number;
  /** One for each of a name's addresses. */
  readonly errors?: readonly (Error & { code?: string; address?: string })[];
}

const ADVICE = "Check the address, the port, the firewalls between and that the machine is up";

/** What ssh2 and node-ssh say when nothing but the end of the connection has come. */
const CLOSED = ["Connection lost before handshake", "No response from server"];

/** In words what ssh2 tells by levels, codes and, where there is nothing else, by texts. */
export function explainFailure(error: SshError, attempt: Attempt): AttemptError {
  const { connection, login, trust } = attempt;
  if (error.message.startsWith("Cannot parse privateKey")) return unreadableKey(login, error);
  if (error.message.includes("no matching host key format")) {
    return new AttemptError(noSuchKey(trust), { cause: error });
  }
  if (error.level === "client-authentication") return refusedLogin(login, connection.user, error);
  if (error.level === "agent") return failedAgent(login, error);
  if (error.level === "client-timeout") return tooSlow(error, attempt);
  if (error.level === "client-socket") return brokenSocket(error, attempt);
  if (typeof error.code === "number") return endedByServer(error);
  return CLOSED.includes(error.message) ? closedByServer(error) : strangeServer(error);
}

/** TCP asked again and again all the while, so that another attempt would be no better where nothing answered. */
function tooSlow(error: SshError, { isAnswered, deadlineSeconds }: Attempt): AttemptError {
  const within = `within ${Math.round(deadlineSeconds)} s`;
  const cause = isAnswered ? `it answers, but no SSH login was done ${within}` : `no answer ${within}`;
  return new AttemptError({ cause, advice: [ADVICE] }, { cause: error, isTransient: isAnswered });
}

function brokenSocket(error: SshError, { connection }: Attempt): AttemptError {
  const code = String(error.code);
  const { address } = connection;
  const causes: Record<string, string> = {
    ECONNREFUSED: "nothing listens there",
    ENOTFOUND: `the name ${address} is not known`,
    EAI_AGAIN: `the name ${address} could not be looked up, since no name server answers`,
    EHOSTUNREACH: "there is no way to it",
    ENETUNREACH: "there is no way to its network",
    ECONNRESET: "the connection was cut before the login was done",
    EPIPE: "the connection was cut before the login was done",
    ETIMEDOUT: "no answer",
  };
  const each = error.errors?.map((one) => `${one.address}: ${one.code}`) ?? [];
  const detail = each.length > 0 ? each.join(", ") : code;
  return new AttemptError(
    { cause: causes[code] ? `${causes[code]} (${detail})` : error.message, advice: [ADVICE] },
    { cause: error, isTransient: ["EAI_AGAIN", "ECONNRESET", "EPIPE"].includes(code) },
  );
}

function strangeServer(error: SshError): AttemptError {
  return new AttemptError(
    {
      cause: `it does not speak SSH as it is spoken here (${error.message})`,
      advice: [
        "Check the port; or the server may be very old, or its sshd_config very narrow: see KexAlgorithms, Ciphers, MACs",
      ],
    },
    { cause: error },
  );
}

function closedByServer(error: SshError): AttemptError {
  return new AttemptError(
    {
      cause: "the server closed the connection before the login was done",
      advice: ["It may have too many logins at once (MaxStartups), or have blocked this address for a while"],
    },
    { cause: error, isTransient: true },
  );
}

/** The reason is the server's own, such as too many keys tried. */
function endedByServer(error: SshError): AttemptError {
  return new AttemptError(
    {
      cause: `the server ended the login: ${error.message}`,
      advice: [
        "An agent with many keys tries more than MaxAuthTries allows: set rundock:sshKey or rundock:sshKeyFile instead",
      ],
    },
    { cause: error },
  );
}

/** Why a host cannot be reached whose jump host cannot. */
export function unreachableJump(jump: Connection, error: ConnectError): AttemptError {
  return new AttemptError(
    {
      cause: `its jump host ${shortName(jump)} cannot be used`,
      evidence: error.message.split("\n"),
      advice: [],
    },
    { cause: error },
  );
}
