import { isDeepStrictEqual } from "node:util";
import type { ServiceState } from "./plan/service-state.ts";
import { runitFiles } from "./render/service-directory.ts";
import { contentsOf } from "./render/tree.ts";

/** What most services have is in no state: Pulumi marshals, logs and compares each property of each many times over. */
const USUAL = { enabled: true, modes: {}, monitor: 3 } as const;

/** Of a file that is in the tree of every service, and that a hand has removed. */
const GONE = "(not there)\n";

/** A service as Pulumi keeps it. Older versions left all properties and all files in it. */
export type StoredService = Omit<ServiceState, keyof typeof USUAL> & Partial<ServiceState>;

export function storeService(state: ServiceState): StoredService {
  const unusual = Object.entries(state).filter(
    ([key, value]) => !isDeepStrictEqual(value, USUAL[key as keyof typeof USUAL]),
  );
  return { ...(Object.fromEntries(unusual) as unknown as StoredService), tree: storeTree(state) };
}

function storeTree({ name, tree }: ServiceState): ServiceState["tree"] {
  const usual = contentsOf(runitFiles(name));
  const kept = Object.entries(tree).filter(([path, content]) => content !== usual[path]);
  const gone = Object.keys(usual).filter((path) => tree[path] === undefined);
  return Object.fromEntries([...kept, ...gone.map((path) => [path, GONE])]);
}

export function storedService(stored: StoredService): ServiceState {
  return { ...USUAL, ...stored, tree: storedTree(stored) };
}

function storedTree({ name, tree }: StoredService): ServiceState["tree"] {
  const all = { ...contentsOf(runitFiles(name)), ...tree };
  return Object.fromEntries(Object.entries(all).filter(([, content]) => content !== GONE));
}
