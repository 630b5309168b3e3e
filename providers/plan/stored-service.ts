import { isDeepStrictEqual } from "node:util";
import type { ServiceState } from "./service-state.ts";

/** What most services have is in no state: Pulumi marshals, logs and compares each property of each many times over. */
const USUAL = { enabled: true, modes: {}, monitor: 3 } as const;

/** A service as Pulumi keeps it. Older versions left all properties in it. */
export type StoredService = Omit<ServiceState, keyof typeof USUAL> & Partial<ServiceState>;

export function storeService(state: ServiceState): StoredService {
  const unusual = Object.entries(state).filter(
    ([key, value]) => !isDeepStrictEqual(value, USUAL[key as keyof typeof USUAL]),
  );
  return Object.fromEntries(unusual) as unknown as StoredService;
}

export function storedService(stored: StoredService): ServiceState {
  return { ...USUAL, ...stored };
}
