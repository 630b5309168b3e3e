import { isDeepStrictEqual } from "node:util";
import { connectionKey, storedConnection } from "../spec/connection.ts";
import { type ServiceState, unusualModes } from "./service-state.ts";

/** What is on the host; `connection`, for one, only says how it is reached. */
const ON_HOST = ["enabled", "release", "tree", "modes", "secrets", "secretConfig"] as const;
const IN_STATE = ["state", "group", "rollout", "monitor", "image", "address"] as const;

/** What Pulumi wants to know of a change. */
export interface ServiceDiff {
  readonly changes: boolean;
  /** The properties that make it another resource. */
  readonly replaces?: string[];
  readonly deleteBeforeReplace?: boolean;
}

/** A service that moves is made at its new place before it goes from the old one, unless both would collide. */
export function diffService(old: ServiceState, wanted: ServiceState): ServiceDiff {
  const replaces = (["host", "name"] as const).filter((key) => old[key] !== wanted[key]);
  if (replaces.length > 0) {
    return { changes: true, replaces, deleteBeforeReplace: old.host === wanted.host && collide(old, wanted) };
  }
  const [before, after] = [old, wanted].map(({ connection }) => connectionKey(storedConnection(connection)));
  return {
    changes:
      changesHost(old, wanted) || before !== after || IN_STATE.some((key) => differs(key, old, wanted)),
  };
}

/** Whether anything on the host is to be changed. */
export function changesHost(old: ServiceState, wanted: ServiceState): boolean {
  return ON_HOST.some((key) => differs(key, old, wanted)) || runs(old) !== runs(wanted);
}

/** A service's own maintenance is a file of its tree, and its host's is the host's. */
function runs({ state }: ServiceState): string {
  return state === "maintenance" ? "running" : state;
}

function collide(old: ServiceState, wanted: ServiceState): boolean {
  return [old, wanted].some(({ tree }) => tree.order?.trim() !== "start-first");
}

function differs(key: keyof ServiceState, old: ServiceState, wanted: ServiceState): boolean {
  const [before, after] = [old, wanted].map((state) =>
    key === "modes" ? unusualModes(state.modes) : state[key],
  );
  return !isDeepStrictEqual(before, after);
}
