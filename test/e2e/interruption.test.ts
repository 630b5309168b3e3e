import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
// Without a Pulumi, client-steps.test.ts and kill-points.test.ts walk the steps of the client and of the scripts.
import { after, afterEach, before, test } from "node:test";
import { eventually } from "./eventually.ts";
import { onHost, tryOnHost } from "./lab-environment.ts";
import { etcdService, labImage, type Services, ServicesStack } from "./services-stack.ts";

const [SHIM_APPLY = "", HOLD = "", CONTAINERS = "", CHECK_SERVICE = ""] = [
  "shim-apply.sh",
  "interruption/hold.sh",
  "service-containers.sh",
  "check-service.sh",
].map((name) => readFileSync(new URL(name, import.meta.url), "utf8"));
const CHECK = CONTAINERS + CHECK_SERVICE;
const HOSTS = ["front-1", "front-2", "back-1", "back-2", "back-3"];
const stack = new ServicesStack(HOSTS);
let version = 1;

/**
 * What is changed of a service -> how many services are held at once, each before another command of apply.sh: in two rounds
 * all commands, and on each host as many as a connection has channels.
 */
const AT_ONCE = { env: 17, config: 13, creation: 10 } as const;
type Change = keyof typeof AT_ONCE;
const CHANGES = Object.keys(AT_ONCE) as Change[];

/** A service, and the command of its apply.sh before which it is held: the so-many-th, or the first of that name. */
interface Hold {
  readonly name: string;
  readonly host: string;
  readonly command: number | string;
}

interface Step extends Hold {
  readonly change: Change;
  readonly command: number;
}

/** Those that are changed are the same ones in each round. */
function stepsOf(round: number): Step[] {
  const each = CHANGES.flatMap((change) =>
    Array.from({ length: AT_ONCE[change] }, (_, index) => {
      const command = (round - 1) * AT_ONCE[change] + index + 1;
      return { change, command, name: `${change}-${change === "creation" ? command : index + 1}` };
    }),
  );
  return each.map((step, index) => ({ ...step, host: HOSTS[index % HOSTS.length] as string }));
}

/** Name -> as it was declared last. */
const walked: Record<string, Services[string]> = {};

function declareChanged(services: readonly Step[], round: number): void {
  const text = String(round);
  const config = { directory: "/etc/app", files: { text }, reload: { signal: "WINCH" } };
  for (const { name, host, change } of services) {
    const changed = change === "config" ? { config } : { env: { VERSION: text } };
    walked[name] = { image: labImage("web"), ready: { tcp: 8080 }, update: { monitor: 0 }, host, ...changed };
  }
  declareVersion(version);
}

/** One service that starts beside its old container, and one that cannot. */
function declareVersion(number: number): void {
  version = number;
  const announced = { image: labImage("web"), announce: { port: 8080 }, ready: { tcp: 8080 } };
  const env = { VERSION: String(number) };
  const update = { drain: 0, monitor: 0 };
  const services: Services = {
    ...etcdService(),
    ...walked,
    beside: { ...announced, host: "back-2", env, update },
    instead: { ...announced, host: "back-1", env, ports: ["18080:8080"], update },
  };
  stack.declare(services);
}

const PLACES = { beside: "back-2", instead: "back-1" } as const;

/** It has the lock, and all runs as before. */
const BEGUN = 7;
/** The old container goes on for those who know its record, which is gone. */
const DRAINS = "sleep";

function waitOn(host: string, condition: string): void {
  onHost(host, "timeout", "120", "sh", "-c", `until ${condition}; do sleep 0.1; done >/dev/null 2>&1`);
}

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
  const ask = `${CONTAINERS}\nname=$1; answers`;
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
  declareChanged(
    stepsOf(1).filter(({ change }) => change !== "creation"),
    0,
  );
  await stack.succeed("up");
  for (const host of HOSTS) onHost(host, "sh", "-c", ADD_FORMER_RELEASES);
});

/** As if they had been changed before, so that all changes have the same steps. */
const ADD_FORMER_RELEASES =
  "for each in /etc/sv/*/releases; do mkdir $each/former && ln -s former $each/previous; done";

afterEach(() => HOSTS.forEach(letGo));

after(() => stack.remove());

test("a provider that is killed has told Pulumi nothing, and the next up completes", async () => {
  hold([{ name: "beside", host: PLACES.beside, command: BEGUN }]);
  declareVersion(version + 1);
  const { pid, result } = stack.start("up");
  waitOn("back-2", ALL_ARE_HELD);
  process.kill(providerOf(pid), "SIGKILL");
  const { code, output } = await result;
  assert.notEqual(code, 0, output);
  await assertServing();
  HOSTS.forEach(letGo);
  await stack.succeed("up");
  await assertComplete();
});

test("a Pulumi that is killed takes its provider along; what it did may be completed, or taken back", async () => {
  const former = version;
  hold([
    { name: "beside", host: PLACES.beside, command: BEGUN },
    { name: "instead", host: PLACES.instead, command: DRAINS },
  ]);
  declareVersion(version + 1);
  const { pid, result } = stack.start("up");
  for (const host of HOSTS) waitOn(host, ALL_ARE_HELD);
  await killWithProvider(pid);
  await result;
  await assertServing();
  HOSTS.forEach(letGo);
  const locked = await stack.run("up");
  assert.notEqual(locked.code, 0);
  assert.match(locked.output, /the stack is currently locked by 1 lock\(s\)/);
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
  hold([{ name: "instead", host: PLACES.instead, command: DRAINS }]);
  declareVersion(version + 1);
  const { result } = stack.start("up");
  waitOn("back-1", ALL_ARE_HELD);
  assert.ok(!isAnnounced("back-1", "instead"));
  onHost("back-1", "pkill", "-KILL", "-f", "apply-shimmed.sh instead");
  // What it has started holds the service's lock.
  letGo("back-1");
  const { code, output } = await result;
  assert.notEqual(code, 0, output);
  await eventually("the old one is announced", () => isAnnounced("back-1", "instead"));
  declareVersion(former);
  await stack.succeed("up");
  await assertComplete();
});

test("Pulumi may be killed at any step of the services, and the next up completes them, even while they stand there", async () => {
  const counts = new Map<Change, number>();
  for (let round = 1; counts.size < CHANGES.length; round += 1) {
    const steps = stepsOf(round).filter(({ change }) => !counts.has(change));
    for (const { change, command } of await killAt(steps, round))
      counts.set(change, Math.min(command - 1, counts.get(change) ?? command));
  }
  for (const [change, count] of counts) process.stdout.write(`${change}: ${count} steps\n`);
});

/** @returns those that do not exist: apply.sh ended before it */
async function killAt(steps: readonly Step[], round: number): Promise<Step[]> {
  hold(steps);
  declareChanged(steps, round);
  const { pid, result } = stack.start("up", `--parallel=${steps.length}`);
  for (const host of HOSTS) waitOn(host, ALL_ARE_HELD);
  await killWithProvider(pid);
  await result;
  const held = HOSTS.flatMap((host) => onHost(host, "ls", "/tmp/held").split("\n"));
  const ended = steps.filter(({ name }) => !held.includes(`${name}.held`));
  const reached = ended.map(({ name, host }) =>
    onHost(host, "readlink", `/etc/sv/${name}/releases/current`).trim(),
  );
  check(steps.filter(({ change }) => change !== "creation").map((step) => ({ ...step, when: "now" })));

  await stack.succeed("cancel", "--yes");
  const next = stack.start("up", `--parallel=${steps.length}`);
  for (const host of HOSTS) {
    waitOn(host, THE_NEXT_HAVE_COME);
    letGo(host);
  }
  const { code, output } = await next.result;
  assert.equal(code, 0, output);
  const releases = await releasesInState();
  check(steps.map((step) => ({ ...step, when: releases[step.name] as string })));
  assert.deepEqual(
    reached,
    ended.map(({ name }) => releases[name]),
    "those that were not held have come to their end",
  );
  return ended;
}

/** Or have ended without having come to that command. */
const ALL_ARE_HELD = `! for at in /tmp/held/*.at; do
  of=\${at%.at}
  [ ! -e "$at" ] || [ -e "$of.held" ] || {
    [ -s "$of.count" ] && ! pgrep -f "[a]pply-shimmed[.]sh \${of##*/} " >/dev/null
  } || echo "$of"
done | grep -q .`;
/** The first command of a further apply.sh is counted too. */
const THE_NEXT_HAVE_COME = `! for held in /tmp/held/*.held; do
  of=\${held%.held}
  [ ! -e "$held" ] || [ "$(wc -c <"$of.count")" -gt "$(cat "$of.at")" ] || echo "$of"
done | grep -q .`;

/** Until {@link letGo}; at the latest until the test ends. */
function hold(holds: readonly Hold[]): void {
  for (const host of HOSTS) {
    const commands = holds
      .filter((each) => each.host === host)
      .map(({ name, command }) => `echo ${command} >/tmp/held/${name}.at`);
    const prepare = ["rm -rf /tmp/held", "mkdir /tmp/held", "mkfifo /tmp/held/gate", ...commands].join("; ");
    onHost(host, "sh", "-ec", prepare);
    onHost(host, "sh", "-c", SHIM_APPLY, "sh", HOLD);
  }
}

function letGo(host: string): void {
  // Whoever reads sees the writer come and go; without a reader nobody waits.
  onHost(host, "sh", "-c", "rm -f /tmp/held/*.at; : <>/tmp/held/gate");
}

async function killWithProvider(pulumi: number): Promise<void> {
  const provider = providerOf(pulumi);
  process.kill(pulumi, "SIGKILL");
  await eventually("the provider ends", () => !processList().has(provider));
}

/** @param services of each when, as of check-service.sh */
function check(services: readonly { name: string; host: string; when: string }[]): void {
  const each = 'while [ $# -gt 0 ]; do sh -c "$CHECK" sh "$1" "$2" | sed "s/^/$1: /"; shift 2; done';
  for (const host of HOSTS) {
    const words = services.filter((each) => each.host === host).flatMap(({ name, when }) => [name, when]);
    assert.equal(onHost(host, "env", `CHECK=${CHECK}`, "sh", "-c", each, "sh", ...words), "");
  }
}

async function releasesInState(): Promise<Record<string, string>> {
  const exported = JSON.parse(await stack.succeed("stack", "export"));
  const { resources } = exported.deployment as {
    resources: { outputs?: { name?: string; release?: string } }[];
  };
  return Object.fromEntries(resources.map(({ outputs }) => [outputs?.name, outputs?.release]));
}
