// What an argument's value may be, in the words in which the parser refuses a wrong one.
import { parseHost } from "../../providers/spec/parse-host.ts";
import { parseService } from "../../providers/spec/parse-service.ts";
import { SpecError } from "../../providers/spec/spec-error.ts";

type Parse = (input: unknown) => unknown;

/** Where the parser has the arguments of a type. */
const PLACES: Readonly<Record<string, readonly [Parse, ...path: string[]]>> = {
  RundockServiceArgs: [parseService],
  AnnounceInput: [parseService, "announce"],
  ConfigArgs: [parseService, "config"],
  HealthInput: [parseService, "health"],
  ReadyInput: [parseService, "ready"],
  RolloutPolicyInput: [parseService, "rollout"],
  UpdateInput: [parseService, "update"],
  HostArgs: [parseHost],
  RegistryLogin: [parseHost, "registries", "0"],
};

/** Of a host the parser has them apart from the others. */
const CONNECTION = ["address", "port", "user", "hostKey"];

/** No argument may be a function. */
const WRONG = () => {};

/** @returns such as `a port from 1 to 65535`, or nothing where there is no more to say than the type. */
export function acceptedValue(type: string, argument: string): string {
  const [parse, ...above] = PLACES[type] ?? [];
  if (parse === undefined) return "";
  const path =
    type === "HostArgs" && CONNECTION.includes(argument) ? ["connection", argument] : [...above, argument];
  const refusal = refusalOf(parse, path, WRONG);
  const ofOne = refusal === "should be a list" ? refusalOf(parse, [...path, "0"], WRONG) : undefined;
  return ofOne?.startsWith("should ") ? `a list; each ${withoutShould(ofOne)}` : withoutShould(refusal);
}

function refusalOf(parse: Parse, path: readonly string[], value: unknown): string | undefined {
  const input = path.reduceRight<unknown>((inner, key) => (key === "0" ? [inner] : { [key]: inner }), value);
  const wanted = path.join(".").replace(/\.0\b/g, "[0]");
  try {
    parse(input);
  } catch (error) {
    if (error instanceof SpecError) return error.failures.find(({ path }) => path === wanted)?.message;
    throw error;
  }
  return undefined;
}

/** Some words tell no more than the type does, zod's own among them. */
function withoutShould(refusal = ""): string {
  if (/ be (true or false|a map|a list)$/.test(refusal)) return "";
  return refusal.startsWith("should ") ? refusal.replace(/^should (be )?/, "") : "";
}
