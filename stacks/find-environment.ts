import { type Configuration, configurationError } from "./configuration.ts";
import { createEnvironment, type Environment } from "./environment.ts";
import { environmentFrom } from "./environment-reference.ts";

/** The machines of this stack's own, or of the stacks that it builds on. */
export async function findEnvironment({
  domain,
  publicDomain,
  hosts,
  from,
  deploy,
}: Configuration): Promise<Environment> {
  if (from.length === 0) return createEnvironment(domain, hosts, publicDomain);
  return environmentFrom(from, deploy).catch((error) => {
    throw configurationError(error);
  });
}
