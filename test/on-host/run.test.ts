import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { type TestContext, test } from "node:test";
import { eventually } from "../e2e/eventually.ts";
import { FakeDocker } from "./fake-docker.ts";
import { HostFolders, SCRIPTS, SHELLS, startScript } from "./shells.ts";

const ATTACH = "POST /containers/web/attach?stream=1&stderr=1";
const WAIT = "POST /containers/web/wait?condition=not-running";

/** A host on which the container of web runs, and runsv starts its run.sh. */
function hostWithContainer(context: TestContext, shell: (typeof SHELLS)[number], pid: number | undefined) {
  const folders = new HostFolders();
  const docker = new FakeDocker(folders.path("docker.sock"));
  docker.inspections.set("_ping", {});
  docker.inspections.set("web", {
    Id: "c1",
    State: { Running: true, Pid: pid },
    Config: { Labels: { "rundock.identity": "i1", "rundock.release": "r1" } },
  });
  folders.write("sv/web/releases/r1/identity", "i1\n");
  symlinkSync("r1", folders.path("sv/web/releases/current"));
  folders.write("sv/web/wait-request", `${WAIT} HTTP/1.0\r\n\r\n`);
  mkdirSync(folders.path("run/withdrawn"));
  symlinkSync(folders.path("sv/web"), folders.path("service/web"));
  context.after(() => {
    docker.close();
    folders.remove();
  });
  const run = () => startScript(shell, folders, `cd "$RUNDOCK_SV/web"\n. ${SCRIPTS}/run.sh`).ended;
  return { folders, docker, run };
}

/** While Docker has the request already, and would answer it at the container's next end. */
async function endOnceAttached(container: ChildProcess, docker: FakeDocker): Promise<void> {
  await eventually("it waits for the streams", () => docker.changes.includes(ATTACH));
  container.kill();
}

for (const shell of SHELLS) {
  const under = `under ${shell.join(" ")}`;

  test(`a wait for the streams of a container that had just ended does not last, ${under}`, async (context) => {
    const container = spawn("sleep", ["60"]);
    const { docker, run } = hostWithContainer(context, shell, container.pid);
    const ended = run();
    await endOnceAttached(container, docker);
    assert.equal((await ended).code, null);
    assert.deepEqual(docker.changes, [ATTACH]);
  });

  test(`a container that runsv was told to stop while it was started is stopped, ${under}`, async (context) => {
    const container = spawn("sleep", ["60"]);
    const { folders, docker, run } = hostWithContainer(context, shell, container.pid);
    folders.write("sv/web/supervise/stat", "run, want down\n");
    const ended = run();
    await endOnceAttached(container, docker);
    await ended;
    assert.deepEqual(docker.changes, ["POST /containers/web/stop?t=10", ATTACH]);
  });

  test(`the next wait for a container whose streams ended at once is Docker's, ${under}`, async (context) => {
    const { folders, docker, run } = hostWithContainer(context, shell, process.pid);
    const uptime = Math.floor(Number(readFileSync("/proc/uptime", "utf8").split(" ")[0]) * 100);
    folders.write("run/web.started", `${uptime} ${process.pid}\n`);
    assert.equal((await run()).code, 0);
    assert.deepEqual(docker.changes, [WAIT]);
  });

  test(`a container that ended is not waited for by its streams, ${under}`, async (context) => {
    const { docker, run } = hostWithContainer(context, shell, 0);
    assert.equal((await run()).code, 0);
    assert.deepEqual(docker.changes, [WAIT]);
  });
}
