import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
// The steps of one update are walked by client-steps.test.ts and kill-points.test.ts, without a Pulumi.
import { after, before, test } from "node:test";
import { eventually } from "./eventually.ts";
import { onHost, tryOnHost } from "./lab-environment.ts";
import { etcdService, labImage, type Services, ServicesStack } from "./services-stack.ts";

const HOSTS = ["back-1", "back-2"];
const stack = new ServicesStack(HOSTS);
let version = 1;

/** One service that starts beside its old container, and one that cannot. */
function declareVersion(number: number): void {
  version = number;
  const announced = { image: labImage("web"), announce: { port: 8080 }, ready: { tcp: 8080 } };
  const env = { VERSION: String(number) };
  const services: Services = {
    ...etcdService(),
    beside: {
      ...announced,
      host: "back-2",
      env: { ...env, LISTEN_AFTER: "1" },
      update: { drain: 0, monitor: 0 },
    },
    instead: { ...announced, host: "back-1", env, ports: ["18080:8080"], update: { drain: 2, monitor: 0 } },
  };
  stack.declare(services);
}

const PLACES = { beside: "back-2", instead: "back-1" } as const;

/** When to kill: a host, and what is true on it from then on for a while. */
const MOMENTS: Readonly<Record<string, readonly [host: string, condition: string]>> = {
  "the first apply.sh has begun": ["back-2", "[ -d /etc/sv/.stage.beside ]"],
  // Beside the other old container a new one starts.
  "an old container drains": ["back-1", "[ -e /run/rundock/withdrawn/instead ]"],
};

const waitFor = (moment: string) => {
  const [host, condition] = MOMENTS[moment] as [string, string];
  onHost(host, "timeout", "45", "sh", "-c", `until ${condition}; do sleep 0.02; done >/dev/null 2>&1`);
};

/** The process, among those that the CLI started, that runs the provider of dynamic resources. */
function providerOf(pulumi: number): number {
  const processes = processList();
  const isDescendant = (pid: number): boolean => {
    const parent = processes.get(pid)?.parent;
    return parent === pulumi || (parent !== undefined && parent > 1 && isDescendant(parent));
  };
  const found = [...processes].find(
    ([pid, { words }]) =>
      words[0]?.endsWith("node") &&
      words.some((word) => word.includes("dynamic-provider")) &&
      isDescendant(pid),
  );
  assert.ok(found, "the provider runs");
  return found[0];
}

function processList(): Map<number, { parent: number; words: string[] }> {
  const list = new Map<number, { parent: number; words: string[] }>();
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      const status = readFileSync(`/proc/${pid}/status`, "utf8");
      const words = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
      list.set(Number(pid), { parent: Number(/^PPid:\s+(\d+)/m.exec(status)?.[1]), words });
    } catch {
      // It ended meanwhile.
    }
  }
  return list;
}

function answers(name: keyof typeof PLACES): boolean {
  const ask = `for id in $(docker ps --quiet --filter "label=rundock.service=$1"); do
    address=$(docker inspect --format "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}" "$id")
    curl --silent --fail --max-time 1 --output /dev/null "http://$address:8080/" && exit 0
  done
  exit 1`;
  return tryOnHost(PLACES[name], "sh", "-c", ask, "sh", name).status === 0;
}

/** What must hold once an `up` went through. */
async function assertComplete(): Promise<void> {
  for (const [name, host] of Object.entries(PLACES)) {
    const list = [
      "docker",
      "ps",
      "--all",
      `--filter=label=rundock.service=${name}`,
      "--format={{.Names}} {{.State}}",
    ];
    await eventually(`${name} has one container`, () => onHost(host, ...list).trim() === `${name} running`);
    assert.match(
      onHost(host, "docker", "exec", name, "cat", "/www/index.html"),
      new RegExp(`^web ${version} on`),
    );
    await eventually(`${name} is announced`, () => isAnnounced(host, name));
    assert.equal(onHost(host, "sh", "-c", LEFTOVERS), "");
  }
}

function isAnnounced(host: string, name: string): boolean {
  return tryOnHost(host, "grep", "-q", `^${name} `, "/run/rundock/announced").status === 0;
}

const LEFTOVERS = `for left in /etc/sv/.stage.* /etc/sv/.gone.* /run/rundock/withdrawn/* /run/rundock-install.* /run/rundock/snapshot.*; do
  [ ! -e "$left" ] || echo "$left"
done
for lock in /run/rundock/*.lock; do flock -n "$lock" true || echo "$lock is held"; done
for release in /etc/sv/*/releases/current; do
  for file in container identity image ready; do [ -s "$release/$file" ] || echo "$release has no $file"; done
done`;

before(async () => {
  await stack.create();
  declareVersion(1);
  await stack.succeed("up");
});

after(() => stack.remove());

test("a provider that is killed has told Pulumi nothing, and the next up completes", async () => {
  declareVersion(version + 1);
  const { pid, result } = stack.start("up");
  waitFor("the first apply.sh has begun");
  process.kill(providerOf(pid), "SIGKILL");
  const { code, output } = await result;
  assert.notEqual(code, 0, output);
  await assertServing();
  await stack.succeed("up");
  await assertComplete();
});

test("a Pulumi that is killed takes its provider along; what it did may be completed, or taken back", async () => {
  const former = version;
  declareVersion(version + 1);
  const { pid, result } = stack.start("up");
  waitFor("an old container drains");
  const provider = providerOf(pid);
  process.kill(pid, "SIGKILL");
  await result;
  await assertServing();
  await eventually("the provider ends", () => !processList().has(provider));
  await stack.succeed("cancel", "--yes");
  await eventually("what was begun is ended", () => onHost("back-1", "sh", "-c", LEFTOVERS) === "");

  declareVersion(former);
  // The state is that of the former version: Pulumi says what it does not know, and how it gets to know.
  const unaware = await stack.succeed("up");
  for (const name of Object.keys(PLACES))
    assert.match(unaware, new RegExp(`Service::${name}, interrupted while updating`));
  assert.match(unaware, /repair your stack using `pulumi refresh`/);
  await stack.succeed("up", "--refresh");
  await assertComplete();
});

async function assertServing(): Promise<void> {
  assert.ok(answers("beside"), "the old or the new one answers");
  await eventually("the other service answers too", () => answers("instead"));
}

test("after apply.sh is killed, the container that runs on is announced again", async () => {
  const former = version;
  declareVersion(version + 1);
  const { result } = stack.start("up");
  waitFor("an old container drains");
  onHost("back-1", "pkill", "-KILL", "-f", "apply.sh instead");
  const { code, output } = await result;
  assert.notEqual(code, 0, output);
  await eventually("the old one is announced", () => isAnnounced("back-1", "instead"));
  declareVersion(former);
  await stack.succeed("up");
  await assertComplete();
});
