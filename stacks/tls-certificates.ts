import { createPrivateKey, X509Certificate } from "node:crypto";
import { z } from "zod";
import type { SpecFailure } from "../providers/spec/spec-error.ts";
import { dnsLabel, map } from "../providers/spec/values.ts";

/** Name -> PEM texts; all of it is secret. The certificate comes first in its chain. */
export const certificatesSchema = map(
  dnsLabel,
  z.strictObject({ certificate: z.string("should be PEM text"), key: z.string("should be PEM text") }),
  "should be a map of names to { certificate, key }",
);

export type Certificates = z.infer<typeof certificatesSchema>;

/** Whether nginx could use them, and whose key is no secret; nothing of a key is ever told. */
export function certificateFailures(
  certificates: Certificates,
  plainKeys: readonly string[] = [],
): SpecFailure[] {
  return [
    ...plainKeys.map((name) => ({ path: `${pathOf(name)}.key`, message: plainKey(name) })),
    ...pairFailures(certificates),
  ];
}

function plainKey(name: string): string {
  return `should be a secret, and whoever has the stack's file knows this one: pulumi config set --secret --path 'rundock:${pathOf(name)}.key', better with a new key`;
}

function pathOf(name: string): string {
  return /^[a-z]\w*$/.test(name) ? `tls.${name}` : `tls[${JSON.stringify(name)}]`;
}

function pairFailures(certificates: Certificates): SpecFailure[] {
  return Object.entries(certificates).flatMap(([name, { certificate, key }]) => {
    const path = pathOf(name);
    const parsed = attempt(() => new X509Certificate(certificate));
    const parsedKey = attempt(() => createPrivateKey(key));
    if (parsed && parsedKey) {
      const message = "is not the key of its certificate";
      return parsed.checkPrivateKey(parsedKey) ? [] : [{ path: `${path}.key`, message }];
    }
    return [
      ...(parsed ? [] : [{ path: `${path}.certificate`, message: "should be a certificate in PEM" }]),
      ...(parsedKey
        ? []
        : [{ path: `${path}.key`, message: "should be a private key in PEM, without a passphrase" }]),
    ];
  });
}

function attempt<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch {
    return undefined;
  }
}
