/** A host that could not be reached or did not prove who it is. Nothing was done on it. */
export class ConnectError extends Error {
  override readonly name = "ConnectError";
}

/** What a failed step on a host left to tell. */
export interface RemoteFailure {
  readonly verb: string;
  readonly object: string;
  readonly cause: string;
  /** The last lines that the container wrote, oldest first. */
  readonly log?: readonly string[];
  /** The last answer of the ready probe. */
  readonly probe?: string;
  readonly advice?: string;
}

/** A step that a host refused or could not finish. */
export class RemoteError extends Error {
  override readonly name = "RemoteError";
  readonly failure: RemoteFailure;

  constructor(subject: string, failure: RemoteFailure) {
    super(describeFailure(subject, failure));
    this.failure = failure;
  }
}

function describeFailure(subject: string, failure: RemoteFailure): string {
  const { verb, object, cause, log = [], probe, advice } = failure;
  return [
    `${subject}: could not ${verb} ${object}: ${cause}`,
    ...(probe ? [`  last answer of the ready probe: ${probe}`] : []),
    ...(log.length > 0 ? ["  last lines of its log:", ...log.map((line) => `    ${line}`)] : []),
    ...(advice ? [`  ${advice}`] : []),
  ].join("\n");
}
