import { randomBytes } from "node:crypto";
import type {
  CheckResult,
  CreateResult,
  DiffResult,
  ReadResult,
  UpdateResult,
} from "@pulumi/pulumi/dynamic/index.js";

/** What Pulumi keeps of a password; its text is secret. */
export interface PasswordState {
  readonly value: string;
}

export async function check(): Promise<CheckResult<object>> {
  return { inputs: {} };
}

export async function diff(): Promise<DiffResult> {
  return { changes: false };
}

export async function create(): Promise<CreateResult<PasswordState>> {
  return { id: "password", outs: { value: randomBytes(24).toString("base64url") } };
}

export async function read(id: string, state: PasswordState): Promise<ReadResult<PasswordState>> {
  return { id, props: state };
}

export async function update(_id: string, old: PasswordState): Promise<UpdateResult<PasswordState>> {
  return { outs: old };
}

async function deletePassword(): Promise<void> {}

export { deletePassword as delete };
