import type { Command, CommandResult } from "./command.ts";
import { RemoteError, type RemoteFailure } from "./errors.ts";
import type { Session } from "./session.ts";

/** A script's failed answer, as apply.sh and its siblings print it. */
type FailedAnswer = { readonly ok: false } & RemoteFailure;

/**
 * Runs one of the on-host scripts and returns its JSON answer.
 *
 * @throws RemoteError with what the script tells: its JSON when it gave one, else its exit code and stderr.
 */
export async function askScript<T extends { readonly ok: true }>(
  session: Session,
  subject: string,
  script: Command,
): Promise<T> {
  const result = await session.run(subject, script);
  const answer = parseAnswer<T>(result);
  if (answer === undefined) throw new RemoteError(subject, brokenAnswer(script.words, result));
  if (!answer.ok) throw new RemoteError(subject, answer);
  return answer;
}

function parseAnswer<T>({ stdout }: CommandResult): T | FailedAnswer | undefined {
  try {
    return JSON.parse(stdout.toString("utf8")) as T | FailedAnswer;
  } catch {
    return undefined;
  }
}

function brokenAnswer(words: readonly string[], { code, stderr }: CommandResult): RemoteFailure {
  const script = words.find((word) => word.endsWith(".sh")) ?? String(words[0]);
  const log = stderr.trim().split("\n").slice(-10);
  return {
    verb: "run",
    object: script,
    cause: `it ended with exit code ${code} and no answer`,
    log,
    isCutOff: true,
  };
}
