import { Readable } from "node:stream";
import type { NodeSSH } from "node-ssh";
import type { ClientCallback, ClientChannel } from "ssh2";
import type { Command, CommandResult } from "./command.ts";

/** Why a command left no result. */
export interface Interruption {
  readonly cause: string;
  readonly advice: string;
  /** Whether it may have been run. */
  readonly isCutOff?: boolean;
}

/** The server has no channel to spare; nothing was begun. */
export class RefusedChannel extends Error {
  override readonly name = "RefusedChannel";
}

const LOST = "the SSH connection was lost before it ended";

const NOT_BEGUN: Interruption = {
  cause: "the SSH connection was lost before it began",
  advice: "It did nothing: `pulumi up` again does it",
};

/**
 * Runs a line of shell, which holds the command's words, on a channel of its own.
 *
 * @throws RefusedChannel, or what `stdin` broke with.
 */
export async function runOnChannel(
  ssh: NodeSSH,
  line: string,
  { stdin, deadlineSeconds }: Command,
): Promise<CommandResult | Interruption> {
  const { promise, resolve, reject } = Promise.withResolvers<CommandResult | Interruption>();
  const over = new AbortController();
  const deadline = setTimeout(() => over.abort(), deadlineSeconds * 1000);
  over.signal.addEventListener("abort", () =>
    resolve(interruption(`it did not end within ${deadlineSeconds} s`)),
  );
  try {
    // A quick command's whole answer may come in one packet with the channel's opening: whatever listens must do so
    // before this callback returns.
    const isSent = trySending(ssh, line, (error, channel) => {
      if (error && isRefusal(error)) return reject(new RefusedChannel(error.message));
      if (error) return resolve(notTaken(error, ssh));
      if (over.signal.aborted) return channel.close();
      over.signal.addEventListener("abort", () => channel.close());
      collect(channel, resolve);
      feed(channel, stdin, reject);
    });
    return isSent ? await promise : NOT_BEGUN;
  } finally {
    clearTimeout(deadline);
  }
}

/** ssh2 throws when the link is down and it knows. */
function trySending(ssh: NodeSSH, line: string, onChannel: ClientCallback): boolean {
  try {
    ssh.connection?.exec(line, onChannel);
  } catch {
    return false;
  }
  return ssh.connection !== null;
}

function interruption(cause: string): Interruption {
  const advice = "Whether it did all it should is not known: `pulumi up` again completes it";
  return { cause, advice, isCutOff: true };
}

/** ssh2 gives the server's reason; without one it was the link. */
function isRefusal(error: Error): boolean {
  return "reason" in error;
}

/** The line is sent once the channel is open: from then on it may have been run, although the host did not yet say so. */
function notTaken(error: Error, ssh: NodeSSH): Interruption {
  if (error.message === "No response from server") return NOT_BEGUN;
  return interruption(ssh.connection === null ? LOST : `the host did not take it (${error.message})`);
}

/** A command that ends before it has read everything ends the stream too; a stream that breaks ends the command. */
function feed(channel: ClientChannel, stdin: Command["stdin"], fail: (error: Error) => void): void {
  if (!(stdin instanceof Readable)) {
    channel.end(stdin);
    return;
  }
  stdin.once("error", (error) => {
    fail(error);
    channel.close();
  });
  channel.once("close", () => stdin.destroy());
  stdin.pipe(channel);
}

/** What the command leaves, or in words why it left nothing. */
function collect(channel: ClientChannel, done: (outcome: CommandResult | Interruption) => void): void {
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  let end: number | string = LOST;
  channel.on("data", (chunk: Buffer) => stdout.push(chunk));
  channel.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
  channel.on("exit", (code: number | null, signal?: string) => {
    end = code ?? `it was ended by signal ${signal}`;
  });
  channel.on("close", () => {
    if (typeof end === "string") return done(interruption(end));
    done({ code: end, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString("utf8") });
  });
}
