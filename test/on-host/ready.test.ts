import assert from "node:assert/strict";
import { chmodSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type TestContext, test } from "node:test";
import { FakeDocker } from "./fake-docker.ts";
import { HostFolders, SHELLS, startScript } from "./shells.ts";

/** The gate of a release, with a `docker` of the test's own before the real one, which gets so many seconds. */
const gateWithin = (seconds: number) => `
. "\${0%/*}/paths.sh"
. "\${0%/*}/docker-socket.sh"
. "\${0%/*}/uptime.sh"
. "\${0%/*}/ready.sh"
PATH=$RUNDOCK_SV/bin:$PATH
timeout() { shift; command timeout ${seconds} "$@"; }
sleep() { echo "$1" >>"$RUNDOCK_SV/pauses"; command sleep 0.05; }
if wait_until_ready web "$RUNDOCK_SV/web/releases/r1"; then echo ready; else echo "not ready: $ready_answer"; fi
`;

const RUNNING = { Status: "running", Running: true, ExitCode: 0 };
/** Instead of an exit code: it would end well, but later than anyone waits. */
const HANGS = -1;
const FAST = { interval: "0.05", timeout: 600 };
/** What a process of a container has its id in. */
const OWN_CGROUP = /[^:]*$/.exec(readFileSync("/proc/self/cgroup", "utf8").trim())?.[0] as string;
/** Of what never gets ready. */
const IMPATIENT = { timeout: 1 };

interface Gate {
  /** Lines of the release's file `ready`. */
  readonly ready: Readonly<Record<string, string | number>>;
  /** Docker's State of the container, one for each time that it is asked; the last one stays. */
  readonly states?: readonly object[];
  /** What the container's command answers: exit code and text, the last one stays. */
  readonly execs?: readonly (readonly [code: number, text: string])[];
  /** Seconds that the command has. */
  readonly patience?: number;
  /** @default 127.0.0.1, in a network of its own */
  readonly address?: string;
  /** Docker's id of the container. @default c1 */
  readonly id?: string;
}

async function askGate(
  context: TestContext,
  shell: (typeof SHELLS)[number],
  gate: Gate,
  folders = new HostFolders(),
): Promise<string> {
  const docker = new FakeDocker(folders.path("docker.sock"));
  context.after(() => {
    docker.close();
    folders.remove();
  });
  const { ready, states = [RUNNING], execs = [], patience = 60, address = "127.0.0.1", id = "c1" } = gate;
  const lines = Object.entries({ ...FAST, ...ready }).map(([key, value]) => `${key} ${value}\n`);
  folders.write("sv/web/releases/r1/ready", lines.join(""));
  folders.write("sv/web/releases/r1/ready.command", "is-it\nready now\n");
  writeDocker(folders, execs);
  const left = [...states];
  docker.onInspection = () => {
    const state = left.length > 1 ? left.shift() : left[0];
    return { Id: id, State: state, NetworkSettings: { Networks: { own: { IPAddress: address } } } };
  };
  const { output } = await startScript(shell, folders, gateWithin(patience)).ended;
  return output.trim();
}

/** Answers `docker exec web is-it 'ready now'` and nothing else. */
function writeDocker(folders: HostFolders, execs: readonly (readonly [number, string])[]): void {
  const cases = execs.map(([code, text], index) => {
    const pattern = index === execs.length - 1 ? "*" : ".".repeat(index + 1);
    return `  ${pattern}) ${code === HANGS ? "exec sleep 600" : `echo '${text}'; exit ${code}`} ;;`;
  });
  const program = `#!/bin/sh
[ "$*" = "exec web is-it ready now" ] && [ $# -eq 4 ] || { echo "asked for $*"; exit 125; }
printf . >>"\${0%/*}/count"
case $(cat "\${0%/*}/count") in
${cases.join("\n")}
esac
`;
  folders.write("sv/bin/docker", program);
  chmodSync(folders.path("sv/bin/docker"), 0o755);
}

/** A container that answers with these statuses, one after the other, the last one from then on; 0 is silence. */
async function serve(context: TestContext, statuses: readonly number[]) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const status = statuses[Math.min(asked.length, statuses.length - 1)] as number;
    asked.push(request.url ?? "");
    if (status !== 0) response.writeHead(status).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  context.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return { asked, port: (server.address() as AddressInfo).port };
}

for (const shell of SHELLS) {
  const under = `under ${shell.join(" ")}`;

  test(`HTTP: successes are counted in a row, ${under}`, async (context) => {
    const { asked, port } = await serve(context, [200, 503, 204, 301]);
    const ready = { kind: "http", path: "/up", port, successes: 2 };
    assert.equal(await askGate(context, shell, { ready }), "ready");
    assert.deepEqual(asked, ["/up", "/up", "/up", "/up"]);
  });

  test(`HTTP: a status out of range, and silence, are the last answer, ${under}`, async (context) => {
    const { port } = await serve(context, [301]);
    const ready = { ...IMPATIENT, kind: "http", path: "/", port, status: "200-299" };
    assert.equal(await askGate(context, shell, { ready }), "not ready: status 301");
    const silent = await serve(context, [0]);
    assert.match(
      await askGate(context, shell, { ready: { ...ready, port: silent.port } }),
      /^not ready: .*timed out/,
    );
  });

  test(`TCP: a port that takes no connection, ${under}`, async (context) => {
    const { port } = await serve(context, [200]);
    assert.equal(await askGate(context, shell, { ready: { kind: "tcp", port } }), "ready");
    assert.equal(
      await askGate(context, shell, { ready: { ...IMPATIENT, kind: "tcp", port: 1 } }),
      "not ready: port 1 takes no connection",
    );
  });

  test(`with the host's network the container itself must listen, ${under}`, async (context) => {
    const { port } = await serve(context, [200]);
    const states = [{ ...RUNNING, Pid: process.pid }];
    for (const kind of ["tcp", "http"]) {
      const ready = { ...IMPATIENT, kind, address: "127.0.0.1", port };
      assert.equal(await askGate(context, shell, { address: "", states, id: OWN_CGROUP, ready }), "ready");
      // Without a process in the host's network it is in that of another container, whose ports are its own.
      assert.equal(await askGate(context, shell, { address: "", id: "not here", ready }), "ready");
      assert.equal(
        await askGate(context, shell, { address: "", states, id: "not here", ready }),
        `not ready: something else than the container answers at port ${port}`,
      );
    }
  });

  test(`exec: the command decides, and what it says is the last answer, ${under}`, async (context) => {
    const ready = { kind: "exec" };
    const late = await askGate(context, shell, {
      ready,
      execs: [
        [1, "not yet"],
        [0, "yes"],
      ],
    });
    assert.equal(late, "ready");
    const never = await askGate(context, shell, {
      ready: { ...ready, ...IMPATIENT },
      execs: [[1, "loading the index"]],
    });
    assert.equal(never, "not ready: loading the index");
  });

  test(`exec: a command that hangs is a failure, and the next one may do, ${under}`, async (context) => {
    const ready = { kind: "exec" };
    const late = await askGate(context, shell, {
      ready,
      execs: [
        [HANGS, ""],
        [0, "yes"],
      ],
      patience: 0.2,
    });
    assert.equal(late, "ready");
    const never = { ready: { ...ready, ...IMPATIENT }, execs: [[HANGS, ""] as const], patience: 0.2 };
    assert.match(await askGate(context, shell, never), /^not ready:/);
  });

  test(`the interval lies between two attempts, but for the first ones, ${under}`, async (context) => {
    const folders = new HostFolders();
    const ready = { kind: "exec", interval: "0.7", timeout: 600 };
    const failures = Array.from({ length: 17 }, () => [1, "not yet"] as const);
    assert.equal(
      await askGate(context, shell, { ready, execs: [...failures, [0, "yes"]] }, folders),
      "ready",
    );
    const pauses = readFileSync(folders.path("sv/pauses"), "utf8").split("\n").filter(Boolean);
    assert.deepEqual(pauses, [...Array(15).fill("0.1"), "0.7", "0.7"]);
  });

  test(`health: Docker's word counts, and there must be one, ${under}`, async (context) => {
    const ready = { kind: "health" };
    const health = (Status: string) => ({ ...RUNNING, Health: { Status } });
    const late = await askGate(context, shell, { ready, states: [health("starting"), health("healthy")] });
    assert.equal(late, "ready");
    const Log = [{ Output: "first\n" }, { Output: 'no "index"\n' }];
    const unhealthy = { ...RUNNING, Health: { Status: "unhealthy", Log } };
    const never = await askGate(context, shell, { ready: { ...ready, ...IMPATIENT }, states: [unhealthy] });
    assert.equal(never, 'not ready: Docker reports it as unhealthy: no "index"');
    const none = await askGate(context, shell, { ready: { ...ready, ...IMPATIENT } });
    assert.equal(none, "not ready: Docker reports it as without a health check");
  });

  test(`a container that ends is not waited for, whatever the probe, ${under}`, async (context) => {
    const states = [{ Status: "exited", Running: false, ExitCode: 3 }];
    for (const kind of ["running", "http", "health"])
      assert.equal(
        await askGate(context, shell, { ready: { kind, port: 1, timeout: 600 }, states }),
        "not ready: the container ended with exit code 3",
      );
  });
}
