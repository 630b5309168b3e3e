export interface SpecFailure {
  /** The property as the user wrote it, such as `announce.port` or `files["/etc/x"].mode`. */
  readonly path: string;
  /** What it should be; never the value of a secret. */
  readonly message: string;
}

/** All that is wrong with a resource's arguments. */
export class SpecError extends Error {
  override readonly name = "SpecError";
  readonly failures: readonly SpecFailure[];

  constructor(failures: readonly SpecFailure[]) {
    super(failures.map(({ path, message }) => `${path}: ${message}`).join("\n"));
    this.failures = failures;
  }
}
