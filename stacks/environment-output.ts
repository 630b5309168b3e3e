import { z } from "zod";
import type { CompositionName } from "./composition-names.ts";
import { COMPOSITIONS } from "./composition-names.ts";
import type { Environment } from "./environment.ts";

/** Raised when stacks of this version cannot build on what older ones have put out. */
const FORM = 1;

const connection: z.ZodType = z.looseObject({
  address: z.string(),
  port: z.number(),
  user: z.string(),
  get jump() {
    return connection.optional();
  },
});

const schema = z.looseObject({
  form: z.literal(FORM),
  domain: z.string(),
  publicDomain: z.string().optional(),
  machines: z.array(
    z.looseObject({
      host: z.looseObject({
        facts: z.looseObject({ name: z.string(), privateAddress: z.string() }),
        connection,
      }),
      roles: z.array(z.enum(["frontend", "backend"])),
    }),
  ),
  deployed: z.array(z.enum(COMPOSITIONS)),
});

/** What a stack puts out for others to build on: plain data, without any secret. */
export function environmentOutput(environment: Environment, deployed: readonly CompositionName[]): object {
  const { domain, publicDomain, machines } = environment;
  return {
    form: FORM,
    domain,
    ...(publicDomain === undefined ? {} : { publicDomain }),
    machines: machines.map(({ host: { facts, connection }, roles }) => ({
      host: { facts, connection },
      roles,
    })),
    deployed: COMPOSITIONS.filter((each) => [...environment.deployed, ...deployed].includes(each)),
  };
}

/** The environment in another stack's output; undefined when this version cannot read it. */
export function readEnvironmentOutput(output: unknown): Environment | undefined {
  const { success, data } = schema.safeParse(output);
  return success ? (data as unknown as Environment) : undefined;
}
