import { randomBytes } from "node:crypto";
import type { CheckFailure, CheckResult } from "@pulumi/pulumi/dynamic/index.js";
import { checked } from "./checked.ts";
import {
  type ContainerState,
  rightsText,
  type ServiceSecrets,
  type ServiceState,
  unusualModes,
} from "./plan/service-state.ts";
import { renderService } from "./render/service.ts";
import { contentsOf, sortedTree, type Tree } from "./render/tree.ts";
import type { StoredConnection } from "./spec/connection.ts";
import { LOST } from "./spec/lost-name.ts";
import { parseService } from "./spec/parse-service.ts";
import type { ServiceSpec } from "./spec/service-spec.ts";
import { UNKNOWN } from "./spec/unknown.ts";

/** What the resource's constructor sends: the arguments, and beside them how to reach the host. */
export interface ServiceArguments {
  readonly connection: StoredConnection;
  readonly secrets?: { readonly env: object; readonly files: object } | typeof UNKNOWN;
  readonly secretConfig?: { readonly files: object } | typeof UNKNOWN;
  /** Missing where another stack declares it. */
  readonly hostInMaintenance?: boolean;
  /** The resource that has the same name on the same host. */
  readonly declaredTwice?: string;
  /** Paths of what was lost on the way here. */
  readonly lostEntries?: readonly string[];
  readonly [argument: string]: unknown;
}

/** Turns the arguments into the state that is wanted, or tells all that is wrong with them. */
export async function checkService(
  olds: Partial<ServiceState>,
  news: ServiceArguments,
): Promise<CheckResult<ServiceState>> {
  const { declaredTwice, lostEntries = [], ...args } = news;
  const result = await checked(() => wantedState(olds, args));
  const others = [
    ...lostEntries.map((property) => ({ property, reason: LOST })),
    ...(declaredTwice === undefined ? [] : [takenName(declaredTwice)]),
  ];
  return others.length === 0 ? result : { failures: [...(result.failures ?? []), ...others] };
}

function takenName(resource: string): CheckFailure {
  const message = `is that of the resource ${resource} too, on the same host`;
  return { property: "name", reason: message };
}

function wantedState(olds: Partial<ServiceState>, news: ServiceArguments): ServiceState {
  const { connection, __provider, secrets, secretConfig, hostInMaintenance, ...args } = news;
  const [salt, configSalt] = [olds.secrets, olds.secretConfig].map(saltOf) as [string, string];
  const spec = parseService({
    ...args,
    ...(typeof secrets === "object" ? { secrets: { ...secrets, salt } } : {}),
    ...(typeof secretConfig === "object" ? { secretConfig: { ...secretConfig, salt: configSalt } } : {}),
  });
  const { tree, release, secretFiles, secretConfigFiles } = renderService(spec);
  const blurred = blurUnknown(tree, [
    ...(secrets === UNKNOWN ? ["current/identity", "current/secrets"] : []),
    ...(secretConfig === UNKNOWN ? ["current/config.secrets"] : []),
  ]);
  return {
    host: spec.host.name,
    name: spec.name,
    image: spec.image,
    address: addressOf(spec),
    connection,
    enabled: spec.enabled,
    state: wantedContainerState(spec, hostInMaintenance ?? wasKeptByHost(olds)),
    release: blurred === tree ? release : UNKNOWN,
    tree: contentsOf(blurred),
    modes: modesOf(blurred),
    monitor: spec.update.monitor,
    ...optional("secrets", secretsOf(secrets, salt, secretFiles)),
    ...optional("secretConfig", secretsOf(secretConfig, configSalt, secretConfigFiles)),
    ...(spec.adopt ? { adopt: true as const } : {}),
    ...(spec.update.group === null ? {} : { group: spec.update.group }),
    ...(spec.rollout === null ? {} : { rollout: spec.rollout }),
  };
}

function wantedContainerState(
  { enabled, maintenance }: ServiceSpec,
  hostInMaintenance: boolean,
): ContainerState {
  if (!enabled) return "disabled";
  return maintenance || hostInMaintenance ? "maintenance" : "running";
}

/** As a refresh saw it: in maintenance without a mark of its own. */
function wasKeptByHost({ state, tree }: Partial<ServiceState>): boolean {
  return state === "maintenance" && tree?.maintenance === undefined;
}

/**
 * A file with an unknown value inside is unknown as a whole, and so is what is computed from it: Pulumi knows its
 * sentinel only where it is all of a value.
 */
function blurUnknown(tree: Tree, ofUnknownSecrets: readonly string[]): Tree {
  const withUnknown = Object.keys(tree).filter((path) => tree[path]?.content.includes(UNKNOWN));
  const unknown = [
    ...ofUnknownSecrets,
    ...withUnknown,
    ...(withUnknown.length > 0 ? ["current/identity"] : []),
  ];
  if (unknown.length === 0) return tree;
  const blurred = unknown.map((path) => [path, { mode: 0o644, ...tree[path], content: UNKNOWN }] as const);
  return sortedTree({ ...tree, ...Object.fromEntries(blurred) });
}

function modesOf(tree: Tree): Record<string, string> {
  const modes = Object.entries(tree).map(([path, { mode }]) => [path, rightsText(mode)]);
  return unusualModes(Object.fromEntries(modes));
}

function saltOf(secrets: ServiceSecrets | undefined): string {
  return secrets?.salt ?? randomBytes(16).toString("hex");
}

function optional<K extends string, T>(key: K, value: T | undefined): { [key in K]?: T } {
  return value === undefined ? {} : ({ [key]: value } as { [key in K]: T });
}

function secretsOf(secrets: unknown, salt: string, files: Tree): ServiceSecrets | undefined {
  if (secrets === undefined) return undefined;
  if (secrets === UNKNOWN) return UNKNOWN as never;
  const rendered = Object.entries(files).map(([path, { content, mode }]) => [
    path,
    { content, mode: rightsText(mode) },
  ]);
  return { salt, files: Object.fromEntries(rendered) };
}

function addressOf(spec: ServiceSpec): string {
  return (spec.announce?.as === "public" ? spec.host.publicAddress : null) ?? spec.host.privateAddress;
}
