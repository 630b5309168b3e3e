import { z } from "zod";
import { parseStrictly } from "./parse-strictly.ts";
import { list, secretWord, text } from "./values.ts";

/** One who may use an etcd that asks who is there. */
export interface EtcdUserSpec {
  readonly name: string;
  /** Keys such as `/skydns/com/example`, each with all below it. */
  readonly prefixes: readonly string[];
  readonly access: "read" | "readwrite";
}

export interface EtcdAccessSpec {
  readonly users: readonly EtcdUserSpec[];
}

const user = z.strictObject({
  name: text(
    (value) => /^[a-z0-9][a-z0-9_-]{0,62}$/.test(value) && value !== "root",
    "should be a name of lower-case letters, digits, hyphens and underscores, and not root",
  ),
  prefixes: list(
    text((value) => /^\/([!-~]*[!-.0-~])$/.test(value), "should be a key such as /skydns/com/example"),
  ),
  access: z.enum(["read", "readwrite"], "should be read or readwrite"),
});

const schema = z.strictObject({ users: list(user) });

/** @throws SpecError with everything that is wrong. */
export function parseEtcdAccess(given: unknown): EtcdAccessSpec {
  return parseStrictly(schema, given);
}

const password = secretWord.refine((value) => value !== "", "should not be empty");

const passwordsSchema = z.strictObject({
  rootPassword: password,
  users: z.array(z.strictObject({ password: password.nullable() })),
});

/** User -> password; null is a user whom etcd knows by the name in a certificate. */
export interface EtcdPasswords {
  readonly root: string;
  readonly users: Readonly<Record<string, string | null>>;
}

/**
 * Kept apart from the others, as they are secret as a whole.
 *
 * @throws SpecError with everything that is wrong, by the paths that the arguments have in a program.
 */
export function parseEtcdPasswords(
  { root, users }: EtcdPasswords,
  declared: EtcdAccessSpec["users"],
): EtcdPasswords {
  const passwords = declared.map(({ name }) => ({ password: users[name] ?? null }));
  parseStrictly(passwordsSchema, { rootPassword: root, users: passwords });
  return { root, users };
}
