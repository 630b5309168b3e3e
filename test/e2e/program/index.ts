import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import {
  Fleet,
  type FleetArgs,
  Host,
  type HostReference,
  RundockService,
  type RundockServiceArgs,
} from "rundock";

/**
 * Resource name -> arguments; `host` is a host's name. The values of `secretEnv` and `secretFiles` are in base64 and are
 * made secret here, so that a test which finds one in plain text has found a leak and not its configuration. Services
 * whose names begin with `etcd` are created before the others, which are announced in them.
 */
interface DeclaredService {
  readonly host: string;
  /** Names that the resource had before. */
  readonly aliases?: readonly string[];
  /** Whether the stack's outputs tell of it. @default false: those of hundreds would be what a bench measures */
  readonly isShown?: boolean;
  readonly secretEnv?: Record<string, string>;
  readonly secretFiles?: Record<string, string>;
  readonly [argument: string]: unknown;
}

interface DeclaredHost {
  readonly name: string;
  readonly jump?: string;
  readonly [argument: string]: unknown;
}

/** The arguments of a fleet; `hosts` are hosts' names, and `perHost` is a host's name -> what is different there. */
interface DeclaredFleet {
  readonly hosts: readonly string[];
  readonly perHost?: Record<string, object>;
  readonly [argument: string]: unknown;
}

/** The file that the test wrote. */
const declared: {
  readonly hosts: readonly DeclaredHost[];
  readonly services: Readonly<Record<string, DeclaredService>>;
  readonly fleets: Readonly<Record<string, DeclaredFleet>>;
} = JSON.parse(readFileSync(new pulumi.Config("e2e").require("file"), "utf8"));

const hosts = new Map<string, Host>();
for (const { name, jump, ...args } of declared.hosts) {
  const via = jump === undefined ? {} : { jump: hosts.get(jump) };
  hosts.set(name, new Host(name, { ...args, ...via } as never));
}

const etcd: RundockService[] = [];
export const digests: Record<string, pulumi.Output<string | undefined>> = {};
export const previous: Record<string, RundockService["previous"]> = {};
for (const [name, { aliases = [], isShown = false, ...args }] of Object.entries(declared.services)) {
  const service = new RundockService(name, argumentsOf(args), {
    dependsOn: name.startsWith("etcd") ? [] : etcd,
    aliases: aliases.map((each) => ({ name: each })),
  });
  if (name.startsWith("etcd")) etcd.push(service);
  if (isShown) {
    digests[name] = service.digest;
    previous[name] = service.previous;
  }
}

for (const [name, { hosts: names, perHost, ...args }] of Object.entries(declared.fleets)) {
  const own = perHost && { perHost: ({ facts }: HostReference) => perHost[facts.name] ?? {} };
  const members = names.map((each) => hosts.get(each));
  new Fleet(name, { ...args, ...own, hosts: members } as unknown as FleetArgs, { dependsOn: etcd });
}

function argumentsOf(service: DeclaredService): RundockServiceArgs {
  const { host, env, files, secretEnv, secretFiles, ...args } = service;
  return {
    ...args,
    host: hosts.get(host),
    env: { ...(env as object), ...asSecrets(secretEnv) },
    files: { ...(files as object), ...asSecrets(secretFiles) },
  } as never;
}

function asSecrets(values: Record<string, string> = {}): Record<string, pulumi.Output<string>> {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => [
      key,
      pulumi.secret(Buffer.from(value, "base64").toString()),
    ]),
  );
}
