import { z } from "zod";
import type { HostSpec } from "./host-spec.ts";
import { parseStrictly } from "./parse-strictly.ts";
import {
  address,
  dnsLabel,
  domain,
  filledWord,
  flag,
  isContent,
  list,
  port,
  secretWord,
  text,
} from "./values.ts";

const hostKey = text(
  (value) => /^(ssh-(ed25519|rsa)|ecdsa-sha2-nistp(256|384|521)) [A-Za-z0-9+/]+=*( .*)?$/.test(value),
  "should be the server's public key, such as `ssh-ed25519 AAAA…`; ssh-keyscan shows it, the machine's console confirms it",
);

const direct = {
  name: z.string().exactOptional(),
  address: text(
    (value) => /^([a-z0-9_]([a-z0-9_.-]*[a-z0-9_.])?|[0-9a-f:.]+(%[a-z0-9_.-]+)?)$/i.test(value),
    "should be a name or an IP address, without brackets and port",
  ),
  port,
  user: text((value) => /^[a-z_][a-z0-9_.-]*$/i.test(value), "should be a login name"),
  hostKey: hostKey.exactOptional(),
};

type CheckedConnection = z.infer<z.ZodObject<typeof direct>> & { jump?: CheckedConnection };

const connection: z.ZodType<CheckedConnection> = z.strictObject({
  ...direct,
  get jump() {
    return connection.optional() as never;
  },
});

const registryLogin = z.strictObject({
  server: text(
    (value) => /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?$/i.test(value),
    "should be a registry's name as in an image, such as registry.example.com:5000 or docker.io",
  ),
  username: filledWord.refine((value) => !value.includes(":"), "should not hold a colon"),
  password: filledWord,
});

const registries = list(registryLogin).superRefine((logins, context) => {
  const servers = logins.map(({ server }) => server);
  for (const [index, server] of servers.entries()) {
    if (servers.indexOf(server) === index) continue;
    context.addIssue({ code: "custom", path: [index, "server"], message: "should be there only once" });
  }
});

const pem = (kind: string) =>
  text(
    (value) =>
      isContent(value) && new RegExp(`^-----BEGIN ${kind}-----\\n[^]*-----END ${kind}-----\\n?$`).test(value),
    `should be PEM, from -----BEGIN ${kind.replace(".*", "")}----- on`,
  );

/** What goes together is there together. */
const etcdAccess = z
  .strictObject({
    ca: pem("CERTIFICATE").exactOptional(),
    certificate: pem("CERTIFICATE").exactOptional(),
    key: pem(".*PRIVATE KEY").exactOptional(),
    username: filledWord.exactOptional(),
    password: secretWord.refine((value) => value !== "", "should not be empty").exactOptional(),
  })
  .superRefine((access, context) => {
    const pairs = [
      ["certificate", "key"],
      ["username", "password"],
    ] as const;
    for (const [one, other] of pairs) {
      if ((access[one] === undefined) === (access[other] === undefined)) continue;
      const missing = access[one] === undefined ? one : other;
      context.addIssue({ code: "custom", path: [missing], message: "is missing" });
    }
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
  maintenance: flag().optional(),
  etcdAccess: etcdAccess.optional(),
  registries: registries.optional(),
});

const NO_ACCESS = { ca: null, certificate: null, key: null, username: null, password: null };

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
    maintenance: given.maintenance ?? false,
    etcdAccess: given.etcdAccess === undefined ? null : { ...NO_ACCESS, ...given.etcdAccess },
    registries: given.registries ?? [],
  };
}
