import type { Readable } from "node:stream";

export interface Command {
  readonly words: readonly string[];
  /** A stream is read as the host takes it, so that it may be longer than the memory. */
  readonly stdin?: Buffer | Readable;
  /** After this many seconds the channel is closed and the command counts as failed. */
  readonly deadlineSeconds: number;
}

export interface CommandResult {
  readonly code: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}
