import type { StoredConnection } from "../spec/connection.ts";

/**
 * What the container does, as seen on the host; one in maintenance runs, and is kept out of DNS. Unknown after a change
 * that was cut off.
 */
export type ContainerState = "running" | "maintenance" | "stopped" | "disabled" | "unknown";

/**
 * What Pulumi keeps of a service: the checked inputs, which are also the outputs. Everything here is what a person
 * finds on the host, so that a diff of two states is a diff of two hosts. State written by an older version must
 * stay readable: properties are added, never renamed.
 */
export interface ServiceState {
  readonly host: string;
  readonly name: string;
  readonly image: string;
  /** Where the service is announced or published. */
  readonly address: string;
  /** Of the image, as the host has it; what `up` found, and no part of what is wanted. */
  readonly digest?: string;
  /** What `releases/previous` on the host stands for; found by `up` too. */
  readonly previous?: PreviousRelease;
  /**
   * Drawn by lot when the resource is created, and kept on the host. Where another resource has taken the name since, it
   * tells which of the two the service there is. States of older versions have none.
   */
  readonly claim?: string;
  readonly connection: StoredConnection;
  readonly enabled: boolean;
  /** Whether its creation takes over what Rundock did not make. No change by itself. */
  readonly adopt?: true;
  readonly state: ContainerState;
  /**
   * The last change failed: what Pulumi keeps as its inputs beside this state never came to be. A refresh puts them right.
   */
  readonly failed?: true;
  /** The release's hash. */
  readonly release: string;
  /** Path under /etc/sv/NAME -> content; the current release's files are under `current/`. What Pulumi keeps has fewer. */
  readonly tree: Readonly<Record<string, string>>;
  /** Path -> mode, for those that have another than {@link usualRights}; older versions left all that are not 0644. */
  readonly modes: Readonly<Record<string, string>>;
  readonly secrets?: ServiceSecrets;
  /** The secret files of the live configuration, apart since they make no other container of it. */
  readonly secretConfig?: ServiceSecrets;
  /** Seconds for which a container that takes the place of another must go on running. */
  readonly monitor: number;
  /** Services of one group are updated one at a time. */
  readonly group?: string;
  /** Of a fleet's member. */
  readonly rollout?: ServiceRollout;
}

/** The release of a {@link RundockService} before the current one. It is kept on the host, and its image too. */
export interface PreviousRelease {
  /** Its folder under /etc/sv/NAME/releases on the host. */
  readonly release: string;
  /** The image of that release, as it was given. */
  readonly image: string;
}

/** How the members of a fleet are updated. Its size is not in here, so that a new host is no change of the others. */
export interface ServiceRollout {
  readonly fleet: string;
  readonly maxParallel: number;
  readonly canary: number;
  /** Seconds between two batches. */
  readonly pause: number;
  /** Missing when the rollout halts. */
  readonly onFailure?: "rollback";
}

/** Marked secret as a whole; written 0600 on the host. */
export interface ServiceSecrets {
  /** The key of the hashes that stand for the secrets in the tree. */
  readonly salt: string;
  /** Path under the release's private/ -> file. */
  readonly files: Readonly<Record<string, { readonly content: string; readonly mode: string }>>;
}

/** What `up` finds or draws, and no program asks for. */
const FOUND = ["digest", "previous", "claim"] as const;

export type Found = { readonly [K in (typeof FOUND)[number]]?: ServiceState[K] | undefined };

/** The state with this in place of what was found before. */
export function withFound(state: ServiceState, found: Found): ServiceState {
  const wanted = Object.entries(state).filter(([key]) => !FOUND.some((each) => each === key));
  const known = FOUND.filter((key) => found[key] !== undefined).map((key) => [key, found[key]]);
  return Object.fromEntries([...wanted, ...known]) as unknown as ServiceState;
}

/** What runit calls is executable, and nothing else of a tree is. */
export function usualRights(path: string): string {
  return ["run", "finish", "check", "control/t"].includes(path) ? "0755" : "0644";
}

/** @param modes path -> mode of all, or of some with usual ones among them */
export function unusualModes(modes: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(modes).filter(([path, rights]) => rights !== usualRights(path)));
}

/**
 * Octal digits, and behind them the owner if it is not root.
 *
 * @param owner UID:GID
 */
export function rightsText(mode: number, owner = ROOT): string {
  const digits = mode.toString(8).padStart(4, "0");
  return owner === ROOT ? digits : `${digits} ${owner}`;
}

const ROOT = "0:0";
