import * as pulumi from "@pulumi/pulumi";
import { SpecError, type SpecFailure } from "../providers/spec/spec-error.ts";
import type { CompositionName } from "./composition-names.ts";
import type { Environment } from "./environment.ts";
import { readEnvironmentOutput } from "./environment-output.ts";

/** The output that a stack needs to have. */
const OUTPUT = "environment";

/**
 * The environment that other stacks have made, and what they have deployed in it.
 *
 * @throws SpecError that names each stack which does not fit, and says what to run.
 */
export async function environmentFrom(
  stacks: readonly string[],
  deploy: readonly CompositionName[],
): Promise<Environment> {
  const failures: SpecFailure[] = [];
  const found = await Promise.all(stacks.map((stack, index) => readStack(stack, `from[${index}]`, failures)));
  const environments = found.filter((each) => each !== undefined);
  const [first] = environments;
  const deployed = environments.flatMap((each) => each.deployed);
  failures.push(...strangers(environments, stacks), ...deployedTwice(deployed, deploy));
  if (failures.length > 0 || first === undefined) throw new SpecError(failures);
  return { ...first, deployed };
}

async function readStack(
  stack: string,
  path: string,
  failures: SpecFailure[],
): Promise<Environment | undefined> {
  const reference = new pulumi.StackReference(fullName(stack));
  const { value } = await reference.getOutputDetails(OUTPUT);
  const environment = readEnvironmentOutput(value);
  if (environment !== undefined) return environment;
  const what = value === undefined ? "is missing" : "was written by another version of Rundock";
  failures.push({
    path,
    message: `the output ${OUTPUT} of the stack ${stack} ${what}: run pulumi up --stack ${stack}`,
  });
}

/** A file backend knows one organization, which is called so. */
function fullName(stack: string): string {
  return stack.includes("/") ? stack : `${pulumi.getOrganization()}/${pulumi.getProject()}/${stack}`;
}

function strangers(environments: readonly Environment[], stacks: readonly string[]): SpecFailure[] {
  const domains = new Set(environments.map(({ domain }) => domain));
  if (domains.size <= 1) return [];
  const message = `names stacks of different environments: ${stacks.join(", ")} have ${[...domains].join(", ")}`;
  return [{ path: "from", message }];
}

function deployedTwice(
  deployed: readonly CompositionName[],
  deploy: readonly CompositionName[],
): SpecFailure[] {
  return deploy
    .filter((name) => deployed.includes(name))
    .map((name) => ({ path: "deploy", message: `${name} is deployed by a stack that from names` }));
}
