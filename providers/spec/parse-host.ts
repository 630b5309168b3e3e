import { z } from "zod";
import type { HostSpec } from "./host-spec.ts";
import { parseStrictly } from "./parse-strictly.ts";
import { address, dnsLabel, domain, filledWord, list, port, text } from "./values.ts";

const hostKey = text(
  (value) => /^(ssh-(ed25519|rsa)|ecdsa-sha2-nistp(256|384|521)) [A-Za-z0-9+/]+=*( .*)?$/.test(value),
  "should be the server's public key, such as `ssh-ed25519 AAAA…`; ssh-keyscan shows it, the machine's console confirms it",
);

const direct = {
  address: filledWord,
  port,
  user: text((value) => /^[a-z_][a-z0-9_-]*$/.test(value), "should be a login name"),
  hostKey,
};

type CheckedConnection = z.infer<z.ZodObject<typeof direct>> & { jump?: CheckedConnection };

const connection: z.ZodType<CheckedConnection> = z.strictObject({
  ...direct,
  get jump() {
    return connection.optional() as never;
  },
});

const hostSchema = z.strictObject({
  name: dnsLabel,
  connection,
  domain: domain.optional(),
  privateAddress: address,
  publicAddress: address.optional(),
  etcd: list(
    text((value) => /^https?:\/\/[\w.:[\]-]+$/.test(value), "should be a URL such as http://10.0.0.21:2379"),
  ).optional(),
});

/** @throws SpecError with everything that is wrong. */
export function parseHost(input: unknown): HostSpec {
  const given = parseStrictly(hostSchema, input);
  return {
    name: given.name,
    connection: given.connection,
    domain: given.domain ?? null,
    privateAddress: given.privateAddress,
    publicAddress: given.publicAddress ?? null,
    etcd: given.etcd ?? [],
  };
}
