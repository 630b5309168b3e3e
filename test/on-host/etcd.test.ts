import assert from "node:assert/strict";
import { existsSync, readFileSync, statSync } from "node:fs";
import { type TestContext, test } from "node:test";
import { FakeEtcd } from "./fake-etcd.ts";
import { HostFolders, SHELLS, startScript } from "./shells.ts";

const USER = { name: "announcer", password: "correct-horse-battery" };
const KEY = "/skydns/web";

/** Puts a record, and tells the exit code and what curl and nc were called with. */
const PUT = `
. "\${0%/*}/paths.sh"
. "\${0%/*}/etcd.sh"
curl() { echo "$*" >>"$RUNDOCK_RUN/curl-words"; command curl "$@"; }
nc() { echo "$*" >>"$RUNDOCK_RUN/nc-words"; command nc "$@"; }
code=0
etcd_request kv/txn "$1" || code=$?
echo "$code"
`;
const base64 = (text: string) => Buffer.from(text).toString("base64");
const RECORD = {
  requestPut: { key: base64(KEY), value: base64('{"host":"10.0.0.1","port":1}'), lease: "1001" },
};

async function hostWithEtcd(context: TestContext, shell: (typeof SHELLS)[number]) {
  const folders = new HostFolders();
  const etcd = new FakeEtcd();
  const url = await etcd.start();
  folders.write("etc/etcd", `${url}\n`);
  await fetch(`${url}/v3/lease/grant`, { method: "POST", body: "{}" });
  context.after(() => {
    etcd.close();
    folders.remove();
  });
  const logsIn = (login: object) => folders.write("etc/etcd-login", JSON.stringify(login));
  const put = async () => {
    const { output } = await startScript(shell, folders, PUT, JSON.stringify({ success: [RECORD] })).ended;
    return output.trim();
  };
  return { folders, etcd, logsIn, put };
}

for (const shell of SHELLS) {
  const under = `under ${shell.join(" ")}`;

  test(`a session lasts over requests, and is begun anew when etcd has forgotten it, ${under}`, async (context) => {
    const { folders, etcd, logsIn, put } = await hostWithEtcd(context, shell);
    logsIn(USER);
    assert.equal(await put(), "0");
    assert.equal(etcd.logins, 0, "an etcd that asks nobody is not logged in to");
    etcd.user = USER;
    for (let times = 0; times < 3; times += 1) assert.equal(await put(), "0");
    assert.equal(etcd.logins, 1);
    etcd.forgetSessions();
    assert.equal(await put(), "0");
    assert.equal(etcd.logins, 2);
    assert.equal(statSync(folders.path("run/etcd-session")).mode & 0o777, 0o600);
  });

  test(`neither password nor session is in an argument, ${under}`, async (context) => {
    const { folders, etcd, logsIn, put } = await hostWithEtcd(context, shell);
    logsIn(USER);
    etcd.user = USER;
    assert.equal(await put(), "0");
    assert.equal(await put(), "0");
    assert.match(readFileSync(folders.path("run/etcd-session"), "utf8"), /session\.1/);
    const words = readFileSync(folders.path("run/curl-words"), "utf8");
    assert.match(words, /authenticate/);
    assert.doesNotMatch(words, /session\.1|correct-horse/);
  });

  test(`who has no login, or a wrong one, is refused, ${under}`, async (context) => {
    const { folders, etcd, logsIn, put } = await hostWithEtcd(context, shell);
    etcd.user = USER;
    assert.equal(await put(), "111");
    logsIn({ ...USER, password: "wrong" });
    assert.equal(await put(), "111");
    assert.ok(!existsSync(folders.path("run/etcd-session")));
    assert.ok(!etcd.records.has(KEY));
  });

  test(`a plain etcd is asked without the cost of a curl, ${under}`, async (context) => {
    const { folders, etcd, put } = await hostWithEtcd(context, shell);
    assert.equal(await put(), "0");
    assert.ok(etcd.records.has(KEY));
    assert.ok(!existsSync(folders.path("run/curl-words")));
    etcd.user = USER;
    assert.equal(await put(), "111", "an answer that is no success");
    etcd.mode = "hangs";
    assert.equal(await put(), "111");
    folders.write("etc/etcd", "http://[::1]:1\n");
    assert.equal(await put(), "111");
    assert.match(readFileSync(folders.path("run/nc-words"), "utf8"), / ::1 1\n$/);
    folders.write("etc/etcd", "http://127.0.0.1\n");
    assert.equal(await put(), "111");
    assert.ok(existsSync(folders.path("run/curl-words")), "a URL without a port is curl's");
  });

  test(`another member is asked when one is not there, ${under}`, async (context) => {
    const { folders, etcd, logsIn, put } = await hostWithEtcd(context, shell);
    logsIn(USER);
    etcd.user = USER;
    const member = readFileSync(folders.path("etc/etcd"), "utf8");
    folders.write("etc/etcd", `http://127.0.0.1:1\n${member}`);
    assert.equal(await put(), "0");
    assert.ok(etcd.records.has(KEY));
  });
}
