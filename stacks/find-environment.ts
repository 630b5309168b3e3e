import { type Configuration, configurationError } from "./configuration.ts";
import { createEnvironment, type Environment } from "./environment.ts";
import { environmentFrom } from "./environment-reference.ts";

/** The machines of this stack's own, or of the stacks that it builds on. */
export async function findEnvironment(configuration: Configuration): Promise<Environment> {
  const { from, deploy } = configuration;
  if (from.length === 0) return createEnvironment(configuration);
  return environmentFrom(from, deploy).catch((error) => {
    throw configurationError(error);
  });
}
