import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { ServiceState } from "../../providers/plan/service-state.ts";
import { configure, host, service } from "../../providers/provider.ts";
import { BreakableLine } from "./breakable-line.ts";
import { eventually } from "./eventually.ts";
import { labConnection, labKey, labPool } from "./lab-connection.ts";
import { labHost, labImage } from "./services-stack.ts";

const [SHIM_APPLY = "", CONTAINERS = "", CHECK_SERVICE = ""] = [
  "shim-apply.sh",
  "service-containers.sh",
  "check-service.sh",
].map((name) => readFileSync(new URL(name, import.meta.url), "utf8"));
const CHECK = CONTAINERS + CHECK_SERVICE;
/** Once what the host has heard of is over. */
const FOUND = `${CONTAINERS}
name=$1
while pgrep -f "[a]pply[a-z-]*[.]sh $name " >/dev/null; do sleep 0.05; done
found
ls -d "/etc/sv/.stage.$name" 2>/dev/null || true`;
/** So that who counts what comes over the connection counts the commands too. Without it there is nobody to tell. */
const COUNT_COMMANDS = "(trap '' PIPE; printf . >&6) 2>/dev/null";
const sshKey = labKey();
/** sshd shuts out who breaks off many logins. */
const ALLOW_BROKEN_LOGINS =
  "echo PerSourcePenalties no >/etc/ssh/sshd_config.d/penalties.conf; pkill -HUP -o -x sshd";
const FORBID_BROKEN_LOGINS = "rm /etc/ssh/sshd_config.d/penalties.conf; pkill -HUP -o -x sshd";
/** Goes by no line that breaks. */
const pool = labPool();

const config = (text: string) => ({ directory: "/etc/app", files: { text }, reload: { signal: "WINCH" } });

/** Kind -> a host, and two versions of a service that take turns. */
const KINDS: Readonly<Record<string, readonly [host: string, versions: readonly object[]]>> = {
  reload: ["front-1", [{ config: config("1") }, { config: config("2") }]],
  "start-first": ["front-2", [{ env: { VERSION: "1" } }, { env: { VERSION: "2" } }]],
};

before(async () => {
  await configure({
    config: { get: (key: string) => (key === "rundock:sshKey" ? sshKey : undefined) },
  } as never);
});

// Last of all: the hosts are cleaned by it.
after(() => pool.close());

describe("a connection", { concurrency: true }, () => {
  test("may be lost, or its provider killed, at any step of an update", {
    concurrency: true,
  }, async (context) => {
    // The effect of each change.
    context.mock.method(console, "log", () => {});
    await Promise.all(
      Object.entries(KINDS).map(([kind, [hostName, versions]]) =>
        context.test(kind, async () => {
          const place = await newPlace(hostName, `step-${kind}`);
          context.after(place.remove);
          const state = await place.create(versions[0] as object);
          await place.onHost(SHIM_APPLY, COUNT_COMMANDS);
          await place.onHost(ALLOW_BROKEN_LOGINS);
          context.after(() => place.onHost(FORBID_BROKEN_LOGINS));
          process.stdout.write(`${kind}: ${await walk(place, versions, state)}\n`);
        }),
      ),
    );
  });

  test("that falls silent under a command is noticed", async (context) => {
    const { address, ...direct } = labConnection("front-1");
    const line = new BreakableLine({ host: address, port: direct.port });
    const ownPool = labPool();
    context.after(() => {
      line.close();
      return ownPool.close();
    });
    const session = await ownPool.session({ ...direct, address: "127.0.0.1", port: await line.open() });
    const command = { words: ["sh", "-c", "sleep 95.25"], deadlineSeconds: 90 };
    const running = session.run("front-1", command);
    const isRunning = async () => {
      const found = { words: ["pgrep", "-f", "^sleep 95.25"], deadlineSeconds: 60 };
      return (await (await pool.session(labConnection("front-1"))).run("front-1", found)).code === 0;
    };
    await eventually("the command runs", isRunning);
    line.silence();
    await assert.rejects(running, /could not run sh: the SSH connection was lost before it ended/);
  });
});

type Place = Awaited<ReturnType<typeof newPlace>>;

/** One service on one host, which is reached over a line that can be cut. */
async function newPlace(hostName: string, name: string) {
  const { address, ...direct } = labConnection(hostName);
  const line = new BreakableLine({ host: address, port: direct.port });
  const connection = { ...direct, address: "127.0.0.1", port: await line.open() };
  const { privateAddress } = labHost(hostName);
  const { inputs: hostState } = await host.check({}, { name: hostName, privateAddress, connection });
  await host.create(hostState as never);
  const session = await pool.session(labConnection(hostName));

  const onHost = async (script: string, ...words: string[]) => {
    const command = { words: ["sh", "-c", script, "sh", ...words], deadlineSeconds: 60 };
    return (await session.run(hostName, command)).stdout.toString();
  };
  const wanted = async (old: Partial<ServiceState>, version: object): Promise<ServiceState> => {
    const facts = { name: hostName, privateAddress };
    const args = { host: facts, name, image: labImage("web"), connection, ...version };
    const shared = { ready: { tcp: 8080 }, update: { monitor: 0 } };
    const { inputs, failures } = await service.check(old, { ...shared, ...args });
    assert.deepEqual(failures, undefined);
    return inputs as ServiceState;
  };

  return {
    line,
    name,
    id: `${hostName}/${name}`,
    wanted,
    create: async (version: object) => (await service.create(await wanted({}, version))).outs as ServiceState,
    onHost,
    remove: async () => {
      line.close();
      await onHost('cd /usr/local/lib/rundock && ./remove.sh "$1" && ./uninstall.sh', name);
    },
  };
}

/**
 * What becomes of an update whose connection is lost at a step: what Pulumi knows then. Null when it ended before it came
 * to that step.
 */
type Interrupt = (
  place: Place,
  old: ServiceState,
  wanted: ServiceState,
  step: number,
) => Promise<ServiceState | null>;

/** Where a step changed nothing, neither on the host nor in what Pulumi knows, there is nothing to complete. @returns how many steps there are */
async function walk(place: Place, versions: readonly object[], first: ServiceState): Promise<string> {
  let [state, completed] = [first, 0];
  for (let step = 1; ; step += 1) {
    const [interrupt, when] = step % 2 === 0 ? ([killed, "ended"] as const) : ([cutOff, "now"] as const);
    const wanted = await place.wanted(state, versions[(completed + 1) % 2] as object);
    const found = await place.onHost(FOUND, place.name);
    const known = await interrupt(place, state, wanted, step);
    const what = `${interrupt.name} at step ${step}`;
    if (known === null) return `${step - 1} steps, ${completed} completions`;
    assert.equal(await place.onHost(CHECK, place.name, when), "", what);
    if (known.release === state.release && (await place.onHost(FOUND, place.name)) === found) continue;
    state = await complete(place, known, wanted, what);
    completed += 1;
  }
}

/** The next `up`. */
async function complete(
  place: Place,
  known: ServiceState,
  wanted: ServiceState,
  what: string,
): Promise<ServiceState> {
  const isDone = known.release === wanted.release && known.state === "running";
  const { changes } = await service.diff(place.id, known, wanted);
  assert.equal(changes, !isDone, what);
  const { outs } = isDone ? { outs: known } : await service.update(place.id, known, wanted);
  assert.equal(await place.onHost(CHECK, place.name, wanted.release), "", what);
  return outs as ServiceState;
}

const cutOff: Interrupt = async ({ line, id }, old, wanted, step) => {
  line.cut();
  await sleep(20); // Until the provider has noticed.
  const stop = line.cutAt(step);
  const updating = service.update(id, old, wanted);
  const known = await updating.then(
    ({ outs }) => outs as ServiceState,
    ({ properties = old }: { properties?: ServiceState }) => properties,
  );
  if (stop()) return known;
  await updating;
  return null;
};

const killed: Interrupt = async ({ line }, old, wanted, step) => {
  line.cut();
  const provider = fork(new URL("client-steps/update.ts", import.meta.url));
  const ended = once(provider, "exit");
  await once(provider, "message");
  const stop = line.cutAt(step, () => provider.kill("SIGKILL"));
  provider.send({ sshKey, old, wanted });
  const [code] = await ended;
  if (stop()) return old;
  assert.equal(code, 0);
  return null;
};
