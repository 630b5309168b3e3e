import { eventually } from "../e2e/eventually.ts";
import { onHost, tryOnHost } from "../e2e/lab-environment.ts";
import { etcdService, labImage, type Services, ServicesStack } from "../e2e/services-stack.ts";
import { dockerFloor, engineFloor } from "./floors.ts";
import { seconds, usualSeconds } from "./seconds.ts";
import { supervisionMemory } from "./supervision-memory.ts";

const HOSTS = ["back-1", "back-2", "back-3"];
/** It took 10.6 s for 30 services where 30 `docker run` took 5.5 s, on two cores. */
const ORIGIN_RATIO = 10.6 / 5.5;
const OPERATIONS = ["create", "noop", "change", "announce", "refresh", "destroy"] as const;

type Durations = Record<string, number>;

const counts = process.argv.slice(2).map(Number);
for (const count of counts.length > 0 ? counts : [3, 30, 100, 300]) await measure(count);

/** One row an operation: Rundock, the engine's floor, the floor of SSH and Docker, and the ratio to their sum. */
async function measure(count: number): Promise<void> {
  console.log(`\n${count} services on ${HOSTS.length} hosts`);
  const engine = await engineFloor(count);
  const docker = await dockerFloor(HOSTS, count);
  const { durations, memory } = await rundock(count);
  const floors: Durations = { create: docker, change: docker };
  console.table(
    Object.fromEntries(OPERATIONS.map((operation) => [operation, row(durations, engine, floors, operation)])),
  );
  console.log(`create with the Ansible module before it, scaled: ${(docker * ORIGIN_RATIO).toFixed(1)} s`);
  console.log(`supervision: ${memory}`);
}

function row(durations: Durations, engine: Durations, docker: Durations, operation: string) {
  const [taken = 0, floor = 0, beside = 0] = [durations[operation], engine[operation], docker[operation]];
  return {
    "rundock s": taken.toFixed(1),
    "engine s": floor.toFixed(1),
    "ssh+docker s": beside === 0 ? "" : beside.toFixed(1),
    ratio: (taken / (floor + beside)).toFixed(2),
  };
}

async function rundock(count: number): Promise<{ durations: Durations; memory: string }> {
  const stack = new ServicesStack(HOSTS);
  await stack.create();
  stack.declare(etcdService());
  await stack.succeed("up");
  const declare = (changes: object) => stack.declare({ ...etcdService(), ...services(count, changes) });

  declare({});
  const create = await seconds(() => stack.succeed("up"));
  // runsvdir looks for new services every 5 s, and a service is ready before that.
  await eventually(
    "runsv is at work for all",
    () => supervised("back-2") >= Math.floor(count / HOSTS.length),
  );
  const memory = supervisionMemory("back-2", Math.round(count / HOSTS.length));
  const noop = await usualSeconds(() => stack.succeed("up", "--refresh", "--expect-no-changes"));
  const refresh = await usualSeconds(() => stack.succeed("refresh"));
  declare({ announce: { port: 8080, weight: 50 } });
  const announce = await seconds(() => stack.succeed("up"));
  declare({ args: ["--shm-size=32m"] });
  const change = await seconds(() => stack.succeed("up"));
  declare({});
  const destroy = await seconds(() => stack.succeed("destroy"));
  await stack.remove();
  return { durations: { create, noop, refresh, announce, change, destroy }, memory };
}

function supervised(host: string): number {
  return Number(tryOnHost(host, "pgrep", "-c", "-x", "nc").stdout);
}

function services(count: number, changes: object): Services {
  return Object.fromEntries(
    Array.from({ length: count }, (_, index) => [
      `web-${index}`,
      { host: HOSTS[index % HOSTS.length], image: labImage("web"), announce: { port: 8080 }, ...changes },
    ]),
  );
}

process.on("exit", () => {
  const left = HOSTS.map((host) => onHost(host, "docker", "ps", "--all", "--quiet")).join("");
  if (left !== "") console.error("the bench left containers on the lab's hosts");
});
