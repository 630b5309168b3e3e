import { setTimeout as sleep } from "node:timers/promises";
import type { NodeSSH } from "node-ssh";
import type { ClientChannel } from "ssh2";
import { ChannelLimit } from "./channel-limit.ts";
import { RemoteError } from "./errors.ts";
import { quoteWords } from "./quote.ts";

/** sshd's MaxSessions is 10 by default, and a person may be logged in too. */
const CHANNELS = 8;
const REFUSED_PAUSES_MS = [50, 200, 500, 1000];

export interface Command {
  readonly words: readonly string[];
  readonly stdin?: Buffer;
  /** After this many seconds the channel is closed and the command counts as failed. */
  readonly deadlineSeconds: number;
}

export interface CommandResult {
  readonly code: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** One login on one host; runs commands side by side, as many as sshd allows. */
export class Session {
  readonly #ssh: NodeSSH;
  readonly #prefix: readonly string[];
  readonly #channels = new ChannelLimit(CHANNELS);

  constructor(ssh: NodeSSH, user: string) {
    this.#ssh = ssh;
    this.#prefix = user === "root" ? [] : ["sudo", "-n", "--"];
  }

  /** The login itself, for hosts behind this one. */
  get ssh(): NodeSSH {
    return this.#ssh;
  }

  /** @throws RemoteError when the link breaks or the deadline passes; an exit code is a result. */
  async run(subject: string, command: Command): Promise<CommandResult> {
    return this.#channels.run(() => this.#runOnChannel(subject, command));
  }

  /** sshd may count a session that is over for a moment longer, and refuses a new one meanwhile. */
  async #runOnChannel(subject: string, command: Command): Promise<CommandResult> {
    for (const pause of REFUSED_PAUSES_MS) {
      try {
        return await this.#attempt(subject, command);
      } catch (error) {
        if (!isRefusedChannel(error)) throw error;
      }
      await sleep(pause);
    }
    return this.#attempt(subject, command);
  }

  async #attempt(subject: string, { words, stdin, deadlineSeconds }: Command): Promise<CommandResult> {
    const client = this.#ssh.connection;
    if (client === null) throw new Error("the SSH connection is closed");
    const line = quoteWords([...this.#prefix, ...words]);
    const result = await new Promise<CommandResult | string>((resolve, reject) => {
      // A quick command's whole answer may come in one packet with the channel's opening: whatever listens must do so
      // before this callback returns.
      client.exec(line, (error, channel) => {
        if (error) return reject(error);
        collect(channel, deadlineSeconds).then(resolve, reject);
        channel.end(stdin);
      });
    });
    if (typeof result !== "string") return result;
    throw new RemoteError(subject, { verb: "run", object: String(words[0]), cause: result });
  }
}

/** The command was not begun, so it may be sent again. */
function isRefusedChannel(error: unknown): boolean {
  return (error as Error).message.includes("Channel open failure");
}

/** What the command leaves, or in words why it left nothing. */
function collect(channel: ClientChannel, deadlineSeconds: number): Promise<CommandResult | string> {
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  channel.on("data", (chunk: Buffer) => stdout.push(chunk));
  channel.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
  return new Promise((resolve) => {
    let code: number | string = "the SSH connection broke before the command ended";
    const deadline = setTimeout(() => {
      resolve(`it did not end within ${deadlineSeconds} s`);
      channel.close();
    }, deadlineSeconds * 1000);
    channel.on("exit", (value: number | null, signal?: string) => {
      code = value ?? `it was ended by signal ${signal}`;
    });
    channel.on("close", () => {
      clearTimeout(deadline);
      if (typeof code === "string") return resolve(code);
      resolve({ code, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString("utf8") });
    });
  });
}
