import { isDeepStrictEqual } from "node:util";
import type { ServiceState } from "./service-state.ts";

/** What is on the host; `connection`, for one, only says how it is reached. */
const ON_HOST = ["enabled", "state", "release", "tree", "modes", "secrets"] as const;
const IN_STATE = ["connection", "group", "image", "address"] as const;

/** What Pulumi wants to know of a change. */
export interface ServiceDiff {
  readonly changes: boolean;
  /** The properties that make it another resource. */
  readonly replaces?: string[];
  readonly deleteBeforeReplace?: boolean;
}

/** A service that moves to another host is made there before it goes here; a new name on one host cannot be. */
export function diffService(old: ServiceState, wanted: ServiceState): ServiceDiff {
  const replaces = (["host", "name"] as const).filter((key) => old[key] !== wanted[key]);
  if (replaces.length > 0) {
    return { changes: true, replaces, deleteBeforeReplace: old.host === wanted.host };
  }
  return { changes: changesHost(old, wanted) || IN_STATE.some((key) => differs(key, old, wanted)) };
}

/** Whether anything on the host is to be changed. */
export function changesHost(old: ServiceState, wanted: ServiceState): boolean {
  return ON_HOST.some((key) => differs(key, old, wanted));
}

function differs(key: keyof ServiceState, old: ServiceState, wanted: ServiceState): boolean {
  return !isDeepStrictEqual(old[key], wanted[key]);
}
