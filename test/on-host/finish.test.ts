import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { type TestContext, test } from "node:test";
import { FakeDocker } from "./fake-docker.ts";
import { FakeEtcd } from "./fake-etcd.ts";
import { HostFolders, SCRIPTS, SHELLS, startScript } from "./shells.ts";

const WEB = "/skydns/com/example/s/web/back-1/web";
/** A name that the pattern `web` or `w.b` would match. */
const OTHER = "/skydns/com/example/s/w.b/back-1/w.b";
const base64 = (text: string) => Buffer.from(text).toString("base64");
const line = (name: string, key: string) => `${name} c1 m1 ${base64(key)} ${base64("{}")}`;

/** A host on which web and another service are announced, and what its runsv does when run.sh ended. */
async function hostWithRecords(context: TestContext, shell: (typeof SHELLS)[number]) {
  const folders = new HostFolders();
  const etcd = new FakeEtcd();
  folders.write("etc/etcd", `${await etcd.start()}\n`);
  for (const key of [WEB, OTHER]) etcd.write(key, "{}");
  const docker = new FakeDocker(folders.path("docker.sock"));
  // What Docker says until it has cleaned up, too.
  docker.inspections.set("web", { Id: "c1", State: { Running: true } });
  folders.write("run/announced", `${line("w.b", OTHER)}\n${line("web", WEB)}\n`);
  mkdirSync(folders.path("run/withdrawn"));
  mkdirSync(folders.path("sv/web"));
  symlinkSync(folders.path("sv/web"), folders.path("service/web"));
  context.after(() => {
    docker.close();
    etcd.close();
    folders.remove();
  });
  const finish = () => {
    const text = `cd "$RUNDOCK_SV/web"\nsleep() { :; }\n. ${SCRIPTS}/finish.sh`;
    return startScript(shell, folders, text).ended;
  };
  return { folders, etcd, finish };
}

for (const shell of SHELLS) {
  const under = `under ${shell.join(" ")}`;

  test(`the record of a container that ended goes, whatever Docker still says, ${under}`, async (context) => {
    const { folders, etcd, finish } = await hostWithRecords(context, shell);
    folders.write("run/web.exit", 'HTTP/1.0 200 OK\r\n\r\n{"StatusCode":137}\n');
    assert.equal((await finish()).code, 0);
    assert.ok(!etcd.has(WEB) && etcd.has(OTHER));
    assert.equal(readFileSync(folders.path("run/announced"), "utf8"), `${line("w.b", OTHER)}\n`);
    assert.ok(!existsSync(folders.path("run/web.exit")));
    assert.equal(readFileSync(folders.path("run/web.backoff"), "utf8"), "1\n");
  });

  test(`the record of a container whose waiter was killed stays, ${under}`, async (context) => {
    const { folders, etcd, finish } = await hostWithRecords(context, shell);
    folders.write("run/web.exit", "HTTP/1.0 200 OK\r\n\r\n");
    assert.equal((await finish()).code, 0);
    assert.ok(etcd.has(WEB) && etcd.has(OTHER));
  });
}
