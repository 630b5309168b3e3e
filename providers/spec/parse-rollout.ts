import type { CheckedService } from "./service-schema.ts";
import type { RolloutSpec } from "./service-spec.ts";
import { isUnknown } from "./unknown.ts";

export function parseRollout(given: CheckedService["rollout"]): RolloutSpec | null {
  if (given === undefined) return null;
  const { fleet, size, maxParallel = 1, canary = 1, pause = 0, onFailure } = given;
  const batches = { fleet, maxParallel: hostsAtOnce(maxParallel, size), canary, pause };
  return onFailure === "rollback" ? { ...batches, onFailure } : batches;
}

/** A share is rounded down, but never to none: nothing would ever be updated. What is not known yet stays as it is. */
function hostsAtOnce(maxParallel: number | string, size: number): number {
  if (typeof maxParallel === "number" || isUnknown(maxParallel)) return maxParallel as number;
  return Math.max(1, Math.floor((Number.parseInt(maxParallel, 10) * size) / 100));
}
