import { isDeepStrictEqual } from "node:util";
import { type DeclaredEtcdAccess, type EtcdPermission, permissionsOf } from "../render/etcd-access.ts";
import type { EtcdPasswords, EtcdUserSpec } from "../spec/etcd-access-spec.ts";

/** What etcd has of a user. */
export interface SeenEtcdUser {
  readonly name: string;
  /** None when there is no such user. */
  readonly roles: readonly string[];
  /** Of the role of the user's name. */
  readonly permissions: readonly EtcdPermission[];
  /** Whether the declared password is the user's. */
  readonly passwordHolds: boolean;
}

/** What is declared, but where etcd has something else, that. */
export function seenAccess(declared: DeclaredEtcdAccess, seen: readonly SeenEtcdUser[]): DeclaredEtcdAccess {
  const seenOf = ({ name }: EtcdUserSpec) => seen.find((each) => each.name === name);
  const users = declared.users.filter((user) => seenOf(user)?.roles.length !== 0);
  return {
    users: users.map((user) => seenUser(user, seenOf(user))),
    secrets: { ...declared.secrets, users: seenPasswords(declared.secrets.users, seen) },
  };
}

function seenUser(user: EtcdUserSpec, seen: SeenEtcdUser | undefined): EtcdUserSpec {
  if (seen === undefined) return user;
  const others = seen.roles.filter((role) => role !== user.name).map((role) => `all of the role ${role}`);
  const rights = seenRights(user, seen.permissions);
  return isDeepStrictEqual([...rights, ...others], user.prefixes)
    ? user
    : { ...user, prefixes: [...rights, ...others] };
}

/** Declared prefixes that have all their rights, and every other right in words. */
function seenRights(user: EtcdUserSpec, permissions: readonly EtcdPermission[]): string[] {
  const has = (wanted: EtcdPermission) => permissions.some((each) => isDeepStrictEqual(each, wanted));
  const whole = user.prefixes.filter((prefix) => permissionsOf({ ...user, prefixes: [prefix] }).every(has));
  const known = permissionsOf({ ...user, prefixes: whole });
  const others = permissions.filter((each) => !known.some((wanted) => isDeepStrictEqual(each, wanted)));
  return [...whole, ...others.map(inWords)];
}

function inWords({ permType, key, range_end }: EtcdPermission): string {
  const text = (base64: string) => Buffer.from(base64, "base64").toString();
  const end = range_end === "" ? "" : ` to ${text(range_end)}`;
  return `${permType.toLowerCase()} ${text(key)}${end}`;
}

/** One that does not hold is not known; an empty one is none that could be declared. */
function seenPasswords(
  passwords: EtcdPasswords["users"],
  seen: readonly SeenEtcdUser[],
): EtcdPasswords["users"] {
  const isHeld = (name: string) => seen.find((each) => each.name === name)?.passwordHolds !== false;
  return Object.fromEntries(
    Object.entries(passwords).map(([name, password]) => [name, isHeld(name) ? password : ""]),
  );
}
