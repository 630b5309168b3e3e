import type { EtcdAccessSpec, EtcdPasswords, EtcdUserSpec } from "../spec/etcd-access-spec.ts";

/** A permission in the words of etcd's API; keys in base64. */
export interface EtcdPermission {
  readonly permType: string;
  readonly key: string;
  readonly range_end: string;
}

/** The users, and with them the passwords, which are secret as a whole. */
export interface DeclaredEtcdAccess extends EtcdAccessSpec {
  readonly secrets: EtcdPasswords;
}

/** What etcd-access.sh reads, in the words of etcd's API. */
export function etcdAccessRequest(
  { users }: EtcdAccessSpec,
  passwords: EtcdPasswords,
  former?: DeclaredEtcdAccess,
): string {
  return JSON.stringify({
    rootPasswords: [passwords.root, ...(former ? [former.secrets.root] : [])],
    users: users.map((user) => ({
      name: user.name,
      password: passwords.users[user.name] ?? null,
      permissions: permissionsOf(user),
    })),
    gone: former === undefined ? [] : goneUsers(users, passwords, former),
  });
}

/** Who is declared no longer; and who got or lost a password, which etcd takes only of a user who is new. */
function goneUsers(
  users: EtcdAccessSpec["users"],
  passwords: EtcdPasswords,
  { users: formerUsers, secrets }: DeclaredEtcdAccess,
): string[] {
  const isDeclared = (name: string) => users.some((user) => user.name === name);
  const hasPassword = (from: EtcdPasswords, name: string) => typeof from.users[name] === "string";
  return formerUsers
    .map(({ name }) => name)
    .filter((name) => !isDeclared(name) || hasPassword(secrets, name) !== hasPassword(passwords, name));
}

/** Of each prefix the key itself and the range of all keys below it: "0" is the character behind "/". */
export function permissionsOf({ prefixes, access }: EtcdUserSpec): EtcdPermission[] {
  const permType = access.toUpperCase();
  return prefixes.flatMap((prefix) => [
    { permType, key: base64(prefix), range_end: "" },
    { permType, key: base64(`${prefix}/`), range_end: base64(`${prefix}0`) },
  ]);
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}
