import type { ConnectFailure } from "./errors.ts";

/** Why one attempt to connect failed, before it is known whether another one is worth it. */
export class AttemptError extends Error {
  override readonly name = "AttemptError";
  readonly failure: ConnectFailure;
  /** Whether another attempt may do better. */
  readonly isTransient: boolean;

  constructor(failure: ConnectFailure, { isTransient = false, ...options }: AttemptOptions = {}) {
    super(failure.cause, options);
    this.failure = failure;
    this.isTransient = isTransient;
  }
}

interface AttemptOptions extends ErrorOptions {
  readonly isTransient?: boolean;
}
