import type { EtcdAccessSpec, EtcdUserSpec } from "../spec/etcd-access-spec.ts";

/** User -> password; null is a user whom etcd knows by the name in a certificate. */
export interface EtcdPasswords {
  readonly root: string;
  readonly users: Readonly<Record<string, string | null>>;
}

/** What etcd-access.sh reads, in the words of etcd's API. */
export function etcdAccessRequest(
  { users }: EtcdAccessSpec,
  passwords: EtcdPasswords,
  formerRootPassword?: string,
): string {
  return JSON.stringify({
    rootPasswords: [passwords.root, ...(formerRootPassword ? [formerRootPassword] : [])],
    users: users.map((user) => ({
      name: user.name,
      password: passwords.users[user.name] ?? null,
      permissions: permissions(user),
    })),
  });
}

/** Of each prefix the key itself and the range of all keys below it: "0" is the character behind "/". */
function permissions({ prefixes, access }: EtcdUserSpec): object[] {
  const permType = access.toUpperCase();
  return prefixes.flatMap((prefix) => [
    { permType, key: base64(prefix), range_end: "" },
    { permType, key: base64(`${prefix}/`), range_end: base64(`${prefix}0`) },
  ]);
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}
