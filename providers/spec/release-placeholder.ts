import type { CheckedService } from "./service-schema.ts";
import type { SpecFailure } from "./spec-error.ts";

/** The scripts on the host put a directory in its place, in the words of a service that has live configuration. */
const PLACEHOLDER = "{release}";

/** The words in which it would become something that nobody wrote. */
export function releasePlaceholders(given: CheckedService): SpecFailure[] {
  if (given.config === undefined) return [];
  return Object.entries(wordsOf(given, given.config))
    .filter(([, word]) => word?.includes(PLACEHOLDER))
    .map(([path]) => ({
      path,
      message: `should not hold ${PLACEHOLDER}, which stands for a directory here`,
    }));
}

function wordsOf(given: CheckedService, { directory, check, reload }: NonNullable<CheckedService["config"]>) {
  const { entrypoint, user, hostname, health, env, args, command, volumes } = given;
  return {
    ...{ entrypoint, user, hostname, "health.command": health?.command, "config.directory": directory },
    ...Object.fromEntries(Object.entries(env ?? {}).map(([name, value]) => [`env.${name}`, value])),
    ...numbered("args", args),
    ...numbered("command", command),
    ...numbered("volumes", volumes),
    ...numbered("config.check", check),
    ...numbered("config.reload.command", reload?.command),
  };
}

function numbered(path: string, words: readonly string[] = []): Record<string, string> {
  return Object.fromEntries(words.map((word, index) => [`${path}[${index}]`, word]));
}
