/** Why a host cannot be worked on. */
export interface ConnectFailure {
  /** What could not be done. @default "connect over SSH" */
  readonly step?: string;
  readonly cause: string;
  /** What somebody else says of it, line by line. */
  readonly evidence?: readonly string[];
  readonly advice: readonly string[];
}

// Pulumi prints the stack of what a provider throws: for the two errors below it would bury what they say.

/** A host that could not be reached, did not prove who it is or does not let the login in. Nothing was done on it. */
export class ConnectError extends Error {
  override readonly name = "ConnectError";

  constructor(where: string, failure: ConnectFailure, options?: ErrorOptions) {
    const { step = "connect over SSH", cause, evidence = [], advice } = failure;
    const lines = [...evidence, ...advice].map((line) => `\n  ${line}`);
    super(`${where}: could not ${step}: ${cause}${lines.join("")}`, options);
    this.stack = "";
  }
}

/** The error of a deletion, with what to do when the machine will never answer again. */
export function goneForGood(error: Error, forgotten: string): Error {
  const advice = `If the machine is gone for good: pulumi state delete forgets ${forgotten}`;
  return Object.assign(new Error(`${error.message}\n  ${advice}`, { cause: error }), { stack: "" });
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
  /** Whether nobody knows how far it came. */
  readonly isCutOff?: boolean;
}

/** A step that a host refused or could not finish. */
export class RemoteError extends Error {
  override readonly name = "RemoteError";
  readonly failure: RemoteFailure;

  constructor(subject: string, failure: RemoteFailure) {
    super(describeFailure(subject, failure));
    this.stack = "";
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
