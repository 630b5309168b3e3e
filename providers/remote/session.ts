import type { NodeSSH } from "node-ssh";
import type { ClientChannel } from "ssh2";
import { ChannelLimit } from "./channel-limit.ts";
import { RemoteError } from "./errors.ts";
import { quoteWords } from "./quote.ts";

/** sshd's MaxSessions is 10 by default, and a person may be logged in too. */
const CHANNELS = 8;

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

  async #runOnChannel(subject: string, command: Command): Promise<CommandResult> {
    const { words, stdin, deadlineSeconds } = command;
    const channel = await this.#open(quoteWords([...this.#prefix, ...words]));
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    channel.on("data", (chunk: Buffer) => stdout.push(chunk));
    channel.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
    channel.end(stdin);
    const code = await exitCode(channel, deadlineSeconds);
    if (typeof code === "string") {
      throw new RemoteError(subject, { verb: "run", object: String(words[0]), cause: code });
    }
    return { code, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString("utf8") };
  }

  #open(line: string): Promise<ClientChannel> {
    const client = this.#ssh.connection;
    if (client === null) return Promise.reject(new Error("the SSH connection is closed"));
    return new Promise((resolve, reject) => {
      client.exec(line, (error, channel) => (error ? reject(error) : resolve(channel)));
    });
  }
}

/** The exit code, or in words why there is none. */
function exitCode(channel: ClientChannel, deadlineSeconds: number): Promise<number | string> {
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
      resolve(code);
    });
  });
}
