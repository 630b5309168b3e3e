import { type Credentials, credentialsFrom, type ReadConfig } from "./remote/credentials.ts";
import { type HostSnapshot, takeSnapshot } from "./remote/host-snapshot.ts";
import { Pool } from "./remote/pool.ts";
import type { Session } from "./remote/session.ts";
import type { Connection } from "./spec/connection.ts";
import { connectionKey } from "./spec/connection.ts";

/**
 * What all resources of one Pulumi operation share. Pulumi runs one provider process for each operation, so the
 * life of this module is the life of the operation.
 */
let credentials: Credentials = {};
let pool: Pool | undefined;
const snapshots = new Map<string, Promise<HostSnapshot | null>>();
const groups = new Map<string, Promise<unknown>>();

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

/** Runs the task after all earlier ones of its group; without a group at once. */
export function inGroup<T>(group: string | undefined, task: () => Promise<T>): Promise<T> {
  if (group === undefined) return task();
  const before = groups.get(group) ?? Promise.resolve();
  const mine = before.then(task, task);
  groups.set(
    group,
    mine.catch(() => {}),
  );
  return mine;
}
