import { randomBytes } from "node:crypto";
import type {
  CheckResult,
  CreateResult,
  DiffResult,
  ReadResult,
  UpdateResult,
} from "@pulumi/pulumi/dynamic/index.js";
import { forgetSnapshot, inRollouts, sessionOn, snapshotOf } from "./operation.ts";
import { digestOf } from "./plan/image-digest.ts";
import { changesHost, diffService } from "./plan/service-diff.ts";
import { describeAdoption, describeEffect } from "./plan/service-effect.ts";
import { type ServiceState, withFound } from "./plan/service-state.ts";
import { ConnectError, goneForGood, RemoteError } from "./remote/errors.ts";
import { applyService, removeService, subjectOf } from "./remote/service-commands.ts";
import { RolloutHalted } from "./rollout.ts";
import { serviceArchive } from "./service-archive.ts";
import type { ServiceArguments } from "./service-check.ts";
import { observedService, readResult } from "./service-read.ts";
import { storedConnection } from "./spec/connection.ts";
import { type StoredService, storedService, storeService } from "./stored-service.ts";

/**
 * Runs in a preview too. Of a creation nothing else tells the effect. A refresh, which has a process of its own, checks
 * nothing, and spares itself half of what there is to load.
 */
export async function check(
  olds: Partial<StoredService>,
  news: ServiceArguments,
): Promise<CheckResult<StoredService>> {
  const { checkService } = await import("./service-check.ts");
  const { inputs, ...result } = await checkService(olds, news);
  if (inputs === undefined) return result;
  const isNew = olds.release === undefined;
  if (isNew && inputs.adopt) console.log(describeAdoption(inputs));
  return { inputs: storeService(inputs) };
}

/** Runs in a preview too, where what it prints is the effect of each change. */
export async function diff(_id: string, before: StoredService, after: StoredService): Promise<DiffResult> {
  const [old, wanted] = [storedService(before), storedService(after)];
  const diff = diffService(old, wanted);
  if (diff.changes) console.log(describeEffect(old, wanted));
  return diff;
}

/** @throws with the id when the host was touched, so that the next `up` repairs what this one began. */
export async function create(stored: StoredService): Promise<CreateResult<StoredService>> {
  const wanted = storedService(stored);
  const id = `${wanted.host}/${wanted.name}`;
  const claimed = withFound(wanted, { claim: randomBytes(8).toString("hex") });
  try {
    return { id, outs: storeService(await apply(claimed, wanted.monitor)) };
  } catch (error) {
    if (error instanceof ConnectError) throw error;
    // Were the wanted state recorded as it is, the next `up` would find nothing to repair.
    throw initFailed(id, error, { ...claimed, state: "stopped" });
  }
}

export async function update(
  id: string,
  before: StoredService,
  after: StoredService,
): Promise<UpdateResult<StoredService>> {
  const [old, wanted] = [storedService(before), storedService(after)];
  if (!changesHost(old, wanted)) return { outs: storeService(withFound(wanted, old)) };
  const claimed = withFound(wanted, { claim: old.claim });
  try {
    const outs = await inRollouts(
      wanted,
      (monitor) => apply(claimed, monitor),
      () => apply(old, 0),
    );
    return { outs: storeService(outs) };
  } catch (error) {
    if (error instanceof RolloutHalted) throw notBegun(wanted, error);
    throw initFailed(id, error, isCutOff(error) ? { ...old, state: "unknown" } : old);
  }
}

/** Reads from the host's one snapshot. A host that cannot be reached is named, and its services stay as they were. */
export async function read(id: string, stored: StoredService): Promise<ReadResult<StoredService>> {
  const state = storedService(stored);
  try {
    const snapshot = await snapshotOf(state.host, storedConnection(state.connection));
    const observed = snapshot && observedService(state, snapshot);
    return observed ? readResult(id, stored, observed) : { id: "" };
  } catch (error) {
    console.error(`${subjectOf(state)}: not refreshed: ${(error as Error).message}`);
    return { id, props: stored };
  }
}

/** @returns what is on the host then. */
async function apply(wanted: ServiceState, monitor: number): Promise<ServiceState> {
  const connection = storedConnection(wanted.connection);
  const session = await sessionOn(connection);
  forgetSnapshot(connection);
  const { host, name, release, enabled, adopt = false } = wanted;
  const {
    notes = [],
    warnings = [],
    digests = [],
    previous = null,
  } = await applyService(session, {
    host,
    name,
    release,
    enabled,
    adopt,
    monitor,
    files: serviceArchive(wanted),
  });
  for (const note of notes) console.log(`${subjectOf(wanted)}: ${note}`);
  for (const warning of warnings) console.error(`${subjectOf(wanted)}: ${warning}`);
  return withFound(wanted, {
    digest: digestOf(wanted.image, digests) ?? undefined,
    previous: previous ?? undefined,
    claim: wanted.claim,
  });
}

async function deleteService(_id: string, state: StoredService): Promise<void> {
  const connection = storedConnection(state.connection);
  const session = await sessionOn(connection).catch((error: Error) => {
    throw goneForGood(error, "the service");
  });
  forgetSnapshot(connection);
  const { volumes, isTaken = false } = await removeService(session, state);
  if (isTaken) console.log(`${subjectOf(state)}: stays, since another resource has that name now`);
  if (volumes.length > 0) console.log(`${subjectOf(state)}: its volumes stay: ${volumes.join(", ")}`);
}

export { deleteService as delete };

/** Whether nobody knows what is on the host now: the next `up` must look, whatever it wants. */
function isCutOff(error: unknown): boolean {
  return error instanceof RemoteError && error.failure.isCutOff === true;
}

/** Without an id, so that Pulumi keeps the old state: it is still that of the host. */
function notBegun(wanted: ServiceState, halted: RolloutHalted): Error {
  return new Error(`${subjectOf(wanted)}: could not begin the update: ${halted.message}`, { cause: halted });
}

/** The error that Pulumi records together with the state, so that the next `up` goes on from there. */
function initFailed(id: string, error: unknown, properties: ServiceState): Error {
  const { message } = error as Error;
  const cause = error instanceof RemoteError ? { cause: error } : {};
  return Object.assign(new Error(message, cause), {
    id,
    properties: { ...storeService(properties), failed: true },
    reasons: [message],
  });
}
