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
  const read = await Promise.all(stacks.map(readStack));
  const found = read.filter((each): each is Found => each.environment !== undefined);
  const deployed = found.flatMap(({ environment }) => environment.deployed);
  const failures = [...unreadable(read), ...strangers(found), ...deployedTwice(deployed, deploy)];
  const [first] = found;
  if (failures.length > 0 || first === undefined) throw new SpecError(failures);
  return { ...first.environment, deployed };
}

interface Read {
  readonly stack: string;
  readonly output: unknown;
  /** Undefined when the output is not one. */
  readonly environment: Environment | undefined;
}

interface Found extends Read {
  readonly environment: Environment;
}

async function readStack(stack: string): Promise<Read> {
  const reference = new pulumi.StackReference(fullName(stack));
  const { value: output } = await reference.getOutputDetails(OUTPUT);
  return { stack, output, environment: readEnvironmentOutput(output) };
}

/** A file backend knows one organization, which is called so. */
function fullName(stack: string): string {
  return stack.includes("/") ? stack : `${pulumi.getOrganization()}/${pulumi.getProject()}/${stack}`;
}

function unreadable(read: readonly Read[]): SpecFailure[] {
  return read.flatMap(({ stack, output, environment }, index) => {
    if (environment !== undefined) return [];
    const what = output === undefined ? "is missing" : "was written by another version of Rundock";
    const message = `the output ${OUTPUT} of the stack ${stack} ${what}: run pulumi up --stack ${stack}`;
    return [{ path: `from[${index}]`, message }];
  });
}

function strangers(found: readonly Found[]): SpecFailure[] {
  const domains = new Set(found.map(({ environment }) => environment.domain));
  if (domains.size <= 1) return [];
  const each = found.map(({ stack, environment }) => `${stack} has ${environment.domain}`);
  return [{ path: "from", message: `names stacks of different environments: ${each.join(", ")}` }];
}

function deployedTwice(
  deployed: readonly CompositionName[],
  deploy: readonly CompositionName[],
): SpecFailure[] {
  return deploy
    .filter((name) => deployed.includes(name))
    .map((name) => ({ path: "deploy", message: `${name} is deployed by a stack that from names` }));
}
