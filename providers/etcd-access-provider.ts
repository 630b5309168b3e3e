import { isDeepStrictEqual } from "node:util";
import type {
  CheckResult,
  CreateResult,
  DiffResult,
  ReadResult,
  UpdateResult,
} from "@pulumi/pulumi/dynamic/index.js";
import { checked } from "./checked.ts";
import { sessionOn } from "./operation.ts";
import { seenAccess } from "./plan/etcd-drift.ts";
import { askEtcdAccess } from "./remote/etcd-commands.ts";
import { type DeclaredEtcdAccess, etcdAccessRequest } from "./render/etcd-access.ts";
import type { Connection } from "./spec/connection.ts";
import { type EtcdPasswords, parseEtcdAccess, parseEtcdPasswords } from "./spec/etcd-access-spec.ts";
import { UNKNOWN } from "./spec/unknown.ts";

/** What Pulumi keeps of the rights in an etcd cluster. */
interface EtcdAccessState extends DeclaredEtcdAccess {
  readonly host: string;
  readonly connection: Connection;
}

export async function check(
  _olds: unknown,
  { __provider, host, connection, secrets, ...news }: Record<string, unknown>,
): Promise<CheckResult<EtcdAccessState>> {
  return checked(() => {
    const { users } = parseEtcdAccess(news);
    const passwords = secrets as EtcdPasswords | typeof UNKNOWN;
    return {
      host: host as string,
      connection: connection as Connection,
      users,
      secrets: passwords === UNKNOWN ? (UNKNOWN as never) : parseEtcdPasswords(passwords, users),
    };
  });
}

export async function diff(_id: string, old: EtcdAccessState, wanted: EtcdAccessState): Promise<DiffResult> {
  const keys = ["host", "connection", "users", "secrets"] as const;
  return { changes: keys.some((key) => !isDeepStrictEqual(old[key], wanted[key])) };
}

export async function create(wanted: EtcdAccessState): Promise<CreateResult<EtcdAccessState>> {
  await ensure(wanted);
  return { id: wanted.host, outs: wanted };
}

export async function update(
  _id: string,
  old: EtcdAccessState,
  wanted: EtcdAccessState,
): Promise<UpdateResult<EtcdAccessState>> {
  await ensure(wanted, old);
  return { outs: wanted };
}

/** An etcd that began anew, or that a hand told to, asks nobody who is there: that is as if it was never told to. */
export async function read(id: string, state: EtcdAccessState): Promise<ReadResult<EtcdAccessState>> {
  try {
    const session = await sessionOn(state.connection);
    const request = etcdAccessRequest(state, state.secrets);
    const { enabled, users } = await askEtcdAccess(session, state.host, "check", request);
    return enabled ? { id, props: { ...state, ...seenAccess(state, users) } } : { id: "" };
  } catch (error) {
    console.error(`${state.host}: etcd: rights not refreshed: ${(error as Error).message}`);
    return { id, props: state };
  }
}

/** The rights go with the cluster. */
async function deleteAccess(): Promise<void> {}

export { deleteAccess as delete };

async function ensure(wanted: EtcdAccessState, former?: DeclaredEtcdAccess): Promise<void> {
  const session = await sessionOn(wanted.connection);
  const request = etcdAccessRequest(wanted, wanted.secrets, former);
  await askEtcdAccess(session, wanted.host, "ensure", request);
}
