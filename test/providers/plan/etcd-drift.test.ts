import assert from "node:assert/strict";
import { test } from "node:test";
import { seenAccess } from "../../../providers/plan/etcd-drift.ts";
import { permissionsOf } from "../../../providers/render/etcd-access.ts";

const announcer = { name: "announcer", prefixes: ["/a", "/b"], access: "readwrite" as const };
const coredns = { name: "coredns", prefixes: ["/a"], access: "read" as const };
const declared = {
  users: [announcer, coredns],
  secrets: { root: "r", users: { announcer: "a", coredns: null } },
};

const seen = (user: typeof announcer | typeof coredns) => ({
  ...{ name: user.name, roles: [user.name], permissions: permissionsOf(user), passwordHolds: true },
});

test("what is as declared is no change, in whatever order etcd tells it", () => {
  const reversed = { ...seen(announcer), permissions: permissionsOf(announcer).reverse() };
  assert.deepEqual(seenAccess(declared, [seen(coredns), reversed]), declared);
});

test("rights and roles that are others are told in words", () => {
  const [key, range_end] = ["/c", "/c0"].map((text) => Buffer.from(text).toString("base64")) as [
    string,
    string,
  ];
  const strange = { permType: "WRITE", key, range_end };
  const given = {
    ...seen(announcer),
    roles: ["announcer", "root"],
    permissions: [...permissionsOf({ ...announcer, prefixes: ["/b"] }), strange],
  };
  const { users } = seenAccess(declared, [given, seen(coredns)]);
  assert.deepEqual(users, [
    { ...announcer, prefixes: ["/b", "write /c to /c0", "all of the role root"] },
    coredns,
  ]);
});

test("a user who is gone is not there, and a password that does not hold is not known", () => {
  const gone = { ...seen(coredns), roles: [], permissions: [] };
  const { users, secrets } = seenAccess(declared, [{ ...seen(announcer), passwordHolds: false }, gone]);
  assert.deepEqual(users, [announcer]);
  assert.deepEqual(secrets, { root: "r", users: { announcer: "", coredns: null } });
});
