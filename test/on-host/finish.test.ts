import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { type TestContext, test } from "node:test";
import { eventually } from "../e2e/eventually.ts";
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
  const finish = (...words: string[]) => {
    const text = `cd "$RUNDOCK_SV/web"\nsleep() { :; }\n. ${SCRIPTS}/finish.sh`;
    return startScript(shell, folders, text, ...words).ended;
  };
  return { folders, etcd, docker, finish };
}

function noteCallsOfFlock(folders: HostFolders): void {
  const flock = spawnSync("sh", ["-c", "command -v flock"], { encoding: "utf8" }).stdout.trim();
  folders.write("bin/flock", `#!/bin/sh\necho "$*" >>'${folders.path("flocks")}'\nexec ${flock} "$@"\n`);
  chmodSync(folders.path("bin/flock"), 0o755);
  folders.write("flocks", "");
}

const callsOfFlock = (folders: HostFolders) => readFileSync(folders.path("flocks"), "utf8").split("\n");

const ENDED = spawnSync("true").pid;
const WAIT = "POST /containers/web/wait?condition=not-running";

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

  test(`the record of a container whose streams and process ended goes before Docker has cleaned up, ${under}`, async (context) => {
    const { folders, etcd, docker, finish } = await hostWithRecords(context, shell);
    folders.write("run/web.started", `100 ${ENDED}\n`);
    folders.write("sv/web/wait-request", `${WAIT} HTTP/1.0\r\n\r\n`);
    assert.equal((await finish("0", "0")).code, 0);
    assert.ok(!etcd.has(WEB) && etcd.has(OTHER));
    assert.deepEqual(docker.changes, [WAIT]);
    assert.equal(readFileSync(folders.path("run/web.backoff"), "utf8"), "1\n");
  });

  test(`a container that closed its streams runs on, ${under}`, async (context) => {
    const { folders, etcd, finish } = await hostWithRecords(context, shell);
    folders.write("run/web.started", `100 ${process.pid}\n`);
    assert.equal((await finish("0", "0")).code, 0);
    assert.ok(etcd.has(WEB) && etcd.has(OTHER));
  });

  test(`the end of a container that another has replaced withdraws nothing, ${under}`, async (context) => {
    const { folders, etcd, finish } = await hostWithRecords(context, shell);
    folders.write("run/web.started", `100 ${ENDED}\n`);
    assert.equal((await finish("-1", "9")).code, 0);
    assert.ok(etcd.has(WEB) && etcd.has(OTHER));
  });

  test(`who changes the service is waited for, and has its record, ${under}`, async (context) => {
    const { folders, etcd, finish } = await hostWithRecords(context, shell);
    folders.write("run/web.started", `100 ${ENDED}\n`);
    const lock = folders.path("run/web.lock");
    const change = spawn("flock", [lock, "sh", "-c", "echo begun; read _"], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    context.after(() => change.stdin.end());
    await once(change.stdout, "data");
    noteCallsOfFlock(folders);
    let hasEnded = false;
    const finished = finish("0", "0").then(() => {
      hasEnded = true;
    });
    await eventually("it waits", () => callsOfFlock(folders).includes(`-s ${lock} true`));
    assert.ok(!hasEnded);
    change.stdin.end();
    await finished;
    assert.ok(etcd.has(WEB) && etcd.has(OTHER));
  });
}
