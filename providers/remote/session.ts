import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import type { NodeSSH } from "node-ssh";
import { type Connection, describeConnection } from "../spec/connection.ts";
import { ChannelLimit } from "./channel-limit.ts";
import type { Command, CommandResult } from "./command.ts";
import { RefusedChannel, runOnChannel } from "./command-channel.ts";
import { ConnectError, RemoteError } from "./errors.ts";
import { quoteWords } from "./quote.ts";
import { refusedSudo, SUDO, SUDO_PROOF } from "./sudo.ts";

/** sshd's MaxSessions is 10 by default, and a person may be logged in too. */
const CHANNELS = 8;
const REFUSED_PAUSES_MS = [50, 200, 500, 1000];

/** One login on one host; runs commands as root, side by side, as many as sshd allows. */
export class Session {
  readonly #ssh: NodeSSH;
  readonly #connection: Connection;
  readonly #channels = new ChannelLimit(CHANNELS);
  #rights: Promise<void> | undefined;

  constructor(ssh: NodeSSH, connection: Connection) {
    this.#ssh = ssh;
    this.#connection = connection;
  }

  /** The login itself, for hosts behind this one. */
  get ssh(): NodeSSH {
    return this.#ssh;
  }

  /**
   * @throws RemoteError when the link breaks or the deadline passes; an exit code is a result.
   * @throws ConnectError when the login may not become root.
   */
  async run(subject: string, command: Command): Promise<CommandResult> {
    if (this.#connection.user === "root") return this.#run(subject, command.words, command);
    this.#rights ??= this.#proveSudo(subject).catch((error) => {
      this.#rights = undefined;
      throw error;
    });
    await this.#rights;
    return this.#run(subject, [...SUDO, ...command.words], command);
  }

  /** Once for all commands, so that sudo's refusal is told from a command's own. A jump host runs none and needs none. */
  async #proveSudo(subject: string): Promise<void> {
    const result = await this.#run(subject, SUDO_PROOF.words, SUDO_PROOF);
    if (result.code === 0) return;
    throw new ConnectError(describeConnection(this.#connection), refusedSudo(this.#connection.user, result));
  }

  async #run(subject: string, words: readonly string[], command: Command): Promise<CommandResult> {
    const outcome = await this.#channels.run(() => this.#whenTaken(quoteWords(words), command));
    if ("code" in outcome) return outcome;
    if (command.stdin instanceof Readable) command.stdin.destroy();
    throw new RemoteError(subject, { verb: "run", object: String(command.words[0]), ...outcome });
  }

  /** sshd may count a session that is over for a moment longer, and refuses a new one meanwhile. */
  async #whenTaken(line: string, command: Command): ReturnType<typeof runOnChannel> {
    for (const pause of REFUSED_PAUSES_MS) {
      try {
        return await runOnChannel(this.#ssh, line, command);
      } catch (error) {
        if (!(error instanceof RefusedChannel)) throw error;
      }
      await sleep(pause);
    }
    return runOnChannel(this.#ssh, line, command);
  }
}
