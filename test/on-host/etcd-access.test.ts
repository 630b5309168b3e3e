import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { etcdAccessRequest, permissionsOf } from "../../providers/render/etcd-access.ts";
import { FakeEtcdUsers } from "./fake-etcd-users.ts";
import { HostFolders, SHELLS, startScript } from "./shells.ts";

const announcer = { name: "announcer", prefixes: ["/skydns/a"], access: "readwrite" as const };
const coredns = { name: "coredns", prefixes: ["/skydns/a"], access: "read" as const };
const declared = {
  users: [announcer, coredns],
  secrets: { root: "r1", users: { announcer: "a1", coredns: null } },
};

async function hostWithEtcd(context: TestContext, shell: (typeof SHELLS)[number]) {
  const folders = new HostFolders();
  const etcd = new FakeEtcdUsers();
  folders.write("etc/etcd", `${await etcd.start()}\n`);
  context.after(() => {
    etcd.close();
    folders.remove();
  });
  const call = async (what: "ensure" | "check", request: string) => {
    folders.write("request", request);
    const script = 'exec <"$2"\n. "${0%/*}/etcd-access.sh"';
    const { code, output } = await startScript(shell, folders, script, what, folders.path("request")).ended;
    return { code, answer: JSON.parse(output) };
  };
  const ensure = async (wanted: typeof declared, former?: typeof declared) => {
    etcd.changes.length = 0;
    const { code, answer } = await call("ensure", etcdAccessRequest(wanted, wanted.secrets, former));
    assert.equal(code, 0, JSON.stringify(answer));
  };
  const check = async () => (await call("check", etcdAccessRequest(declared, declared.secrets))).answer;
  return { etcd, call, ensure, check };
}

for (const shell of SHELLS) {
  const under = `under ${shell.join(" ")}`;

  test(`users have the rights that are declared, and what a hand gave is told and taken back, ${under}`, async (context) => {
    const { etcd, ensure, check } = await hostWithEtcd(context, shell);
    assert.deepEqual(await check(), { ok: true, enabled: false, users: [] });
    await ensure(declared);
    assert.equal(etcd.enabled, true);
    assert.deepEqual(etcd.roles.get("announcer"), permissionsOf(announcer));
    assert.deepEqual(etcd.roles.get("coredns"), permissionsOf(coredns));

    const strange = { permType: "READWRITE", key: "Lw==", range_end: "MA==" };
    etcd.roles.get("coredns")?.push(strange);
    etcd.users.get("coredns")?.roles.add("root");
    const user = etcd.users.get("announcer");
    if (user) user.password = "another";
    const seen = (user: typeof announcer | typeof coredns) => ({
      ...{ name: user.name, roles: [user.name], permissions: permissionsOf(user), passwordHolds: true },
    });
    const given = { roles: ["coredns", "root"], permissions: [...permissionsOf(coredns), strange] };
    const users = [
      { ...seen(announcer), passwordHolds: false },
      { ...seen(coredns), ...given },
    ];
    assert.deepEqual(await check(), { ok: true, enabled: true, users });

    await ensure(declared, declared);
    assert.deepEqual(etcd.roles.get("coredns"), permissionsOf(coredns));
    assert.deepEqual([...(etcd.users.get("coredns")?.roles ?? [])], ["coredns"]);
    assert.equal(user?.password, "a1");
    assert.doesNotMatch(etcd.changes.join("\n"), /changepw root|role.grant|delete|enable/);
  });

  test(`new passwords are set with root's former one, and who is declared no longer is removed, ${under}`, async (context) => {
    const { etcd, call, ensure } = await hostWithEtcd(context, shell);
    const guest = { ...coredns, name: "guest" };
    const secrets = { root: "r0", users: { announcer: "a0", coredns: "c0", guest: "g0" } };
    const former = { users: [...declared.users, guest], secrets } as unknown as typeof declared;
    await ensure(former);
    const { code, answer } = await call("ensure", etcdAccessRequest(declared, declared.secrets));
    assert.deepEqual([code, answer.verb], [111, "log in to"]);
    await ensure(declared, former);
    assert.deepEqual([...etcd.users.keys()].sort(), ["announcer", "coredns", "root"]);
    assert.deepEqual([...etcd.roles.keys()].sort(), ["announcer", "coredns", "root"]);
    const passwords = ["root", "announcer", "coredns"].map((name) => etcd.users.get(name)?.password);
    assert.deepEqual(passwords, ["r1", "a1", undefined], "CoreDNS is known by its certificate from now on");
  });
}
