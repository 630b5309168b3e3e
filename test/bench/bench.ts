import { eventually } from "../e2e/eventually.ts";
import { onHost, tryOnHost } from "../e2e/lab-environment.ts";
import { etcdService, labImage, type Services, ServicesStack } from "../e2e/services-stack.ts";
import { dockerFloor, EngineFloor } from "./floors.ts";
import { median, seconds, usualSeconds } from "./seconds.ts";
import { supervisionMemory } from "./supervision-memory.ts";

const HOSTS = ["back-1", "back-2", "back-3"];
/** It took 10.6 s for 30 services where 30 `docker run` took 5.5 s, on two cores. */
const ORIGIN_RATIO = 10.6 / 5.5;
/** Up to so many are created three times. */
const FEW = 30;

/** In seconds; `docker` where the operation needs SSH and Docker. */
interface Times {
  readonly rundock: number;
  readonly engine: number;
  readonly docker?: number;
}

const counts = process.argv.slice(2).map(Number);
for (const count of counts.length > 0 ? counts : [3, 30, 100, 300]) await measure(count);

/** One row an operation: Rundock, the engine's floor, the floor of SSH and Docker, and the ratio to their sum. */
async function measure(count: number): Promise<void> {
  console.log(`\n${count} services on ${HOSTS.length} hosts`);
  const [stack, engine] = [new ServicesStack(HOSTS), new EngineFloor()];
  await stack.create();
  await engine.create();
  const create = await createTimes(stack, engine, count);
  const memory = await memoryOfSupervision(count);
  const others = await timesOfTheRest(stack, engine, count, create.docker);
  await stack.remove();
  await engine.remove();
  console.table(
    Object.fromEntries(
      Object.entries({ create, ...others }).map(([operation, times]) => [operation, row(times)]),
    ),
  );
  console.log(
    `create with the Ansible module before it, scaled: ${(create.docker * ORIGIN_RATIO).toFixed(1)} s`,
  );
  console.log(`supervision: ${memory}`);
}

function row({ rundock, engine, docker = 0 }: Times) {
  return {
    "rundock s": rundock.toFixed(1),
    "engine s": engine.toFixed(1),
    "ssh+docker s": docker === 0 ? "" : docker.toFixed(1),
    ratio: (rundock / (engine + docker)).toFixed(2),
  };
}

/** Medians of the rounds. All is there afterwards. */
async function createTimes(
  stack: ServicesStack,
  engine: EngineFloor,
  count: number,
): Promise<Times & { docker: number }> {
  const times = { rundock: [] as number[], engine: [] as number[], docker: [] as number[] };
  for (let left = count <= FEW ? 3 : 1; left > 0; left -= 1) {
    engine.declare(0, "none");
    stack.declare(etcdService());
    await engine.succeed("up");
    await stack.succeed("up");
    times.docker.push(await dockerFloor(HOSTS, count));
    engine.declare(count, "one");
    times.engine.push(await seconds(() => engine.succeed("up")));
    stack.declare(services(count));
    times.rundock.push(await seconds(() => stack.succeed("up")));
  }
  return { rundock: median(times.rundock), engine: median(times.engine), docker: median(times.docker) };
}

/** runsvdir looks for new services every 5 s, and a service is ready before that. */
async function memoryOfSupervision(count: number): Promise<string> {
  await eventually(
    "runsv is at work for all",
    () => supervised("back-2") >= Math.floor(count / HOSTS.length),
  );
  return supervisionMemory("back-2", Math.round(count / HOSTS.length));
}

/** The engine's floor is measured beside all the services too: in the lab they run on the machine that measures. */
async function timesOfTheRest(
  stack: ServicesStack,
  engine: EngineFloor,
  count: number,
  docker: number,
): Promise<Record<string, Times>> {
  const both = async (command: string, ...words: string[]) => {
    const [rundock = 0, floor = 0] = await usualSeconds(
      () => stack.succeed(command, ...words),
      () => engine.succeed(command, ...words),
    );
    return { rundock, engine: floor };
  };
  const noop = await both("up", "--refresh", "--expect-no-changes");
  const refresh = await both("refresh");
  engine.declare(count, "two");
  const floorOfChange = await seconds(() => engine.succeed("up"));
  stack.declare(services(count, { announce: { port: 8080, weight: 50 } }));
  const announce = { rundock: await seconds(() => stack.succeed("up")), engine: floorOfChange };
  stack.declare(services(count, { args: ["--shm-size=32m"] }));
  const change = { rundock: await seconds(() => stack.succeed("up")), engine: floorOfChange, docker };
  const destroy = {
    rundock: await seconds(() => stack.succeed("destroy")),
    engine: await seconds(() => engine.succeed("destroy")),
  };
  return { noop, change, announce, refresh, destroy };
}

function supervised(host: string): number {
  return Number(tryOnHost(host, "pgrep", "-c", "-x", "nc").stdout);
}

function services(count: number, changes: object = {}): Services {
  const webs = Array.from({ length: count }, (_, index) => [
    `web-${index}`,
    { host: HOSTS[index % HOSTS.length], image: labImage("web"), announce: { port: 8080 }, ...changes },
  ]);
  return { ...etcdService(), ...Object.fromEntries(webs) };
}

process.on("exit", () => {
  const left = HOSTS.map((host) => onHost(host, "docker", "ps", "--all", "--quiet")).join("");
  if (left !== "") console.error("the bench left containers on the lab's hosts");
});
