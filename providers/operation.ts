import type { ServiceState } from "./plan/service-state.ts";
import { type Credentials, credentialsFrom, type ReadConfig } from "./remote/credentials.ts";
import { type HostSnapshot, takeSnapshot } from "./remote/host-snapshot.ts";
import { Pool } from "./remote/pool.ts";
import type { Session } from "./remote/session.ts";
import { Rollout, type RolloutPolicy } from "./rollout.ts";
import type { Connection } from "./spec/connection.ts";
import { connectionKey } from "./spec/connection.ts";

/**
 * What all resources of one Pulumi operation share. Pulumi runs one provider process for each operation, so the
 * life of this module is the life of the operation.
 */
let credentials: Credentials = {};
let pool: Pool | undefined;
const snapshots = new Map<string, Promise<HostSnapshot | null>>();
const rollouts = new Map<string, Rollout>();

export function configureOperation(config: ReadConfig): void {
  if (pool === undefined) credentials = credentialsFrom(config);
}

export function sessionOn(connection: Connection): Promise<Session> {
  pool ??= new Pool(credentials);
  return pool.session(connection);
}

/** The host's snapshot; taken once, until something is changed on that host. */
export function snapshotOf(host: string, connection: Connection): Promise<HostSnapshot | null> {
  const key = connectionKey(connection);
  const known = snapshots.get(key);
  if (known) return known;
  const snapshot = sessionOn(connection).then((session) => takeSnapshot(session, host));
  snapshots.set(key, snapshot);
  return snapshot;
}

export function forgetSnapshot(connection: Connection): void {
  snapshots.delete(connectionKey(connection));
}

/**
 * Runs the update when the rollouts that the service takes part in let it begin: its fleet's, and inside it its group's.
 * The update gets the seconds for which a new container is watched; in a fleet only canaries are.
 *
 * @param undo brings the service back, when its fleet is to go back as a whole
 * @throws RolloutHalted when it did not begin, RolledBack when it failed and the fleet went back.
 */
export function inRollouts<T>(
  { host, name, monitor, rollout, group }: ServiceState,
  update: (monitor: number) => Promise<T>,
  undo?: () => Promise<unknown>,
): Promise<T> {
  const updateInGroup = (seconds: number) => {
    if (group === undefined) return update(seconds);
    const policy = { name: `group ${group}`, canary: 0, maxParallel: 1, pause: 0, rollsBack: false };
    return rolloutOf(policy).run(`${host}: ${name}`, () => update(seconds));
  };
  if (rollout === undefined) return updateInGroup(monitor);
  const { fleet, onFailure, ...batches } = rollout;
  const policy = { ...batches, name: `fleet ${fleet}`, rollsBack: onFailure === "rollback" };
  return rolloutOf(policy).run(host, (isCanary) => updateInGroup(isCanary ? monitor : 0), undo);
}

/** By its name; the policy is the first member's, and all members have the same. */
function rolloutOf(policy: RolloutPolicy): Rollout {
  const known = rollouts.get(policy.name);
  if (known) return known;
  const rollout = new Rollout(policy);
  rollouts.set(policy.name, rollout);
  return rollout;
}
