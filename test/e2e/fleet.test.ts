import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { after, before, test } from "node:test";
import { HostWatch } from "./host-watch.ts";
import { LAB, labConfiguration, onHost } from "./lab-environment.ts";
import { etcdService, labImage, ServicesStack } from "./services-stack.ts";

const HOSTS = ["back-1", "back-2", "front-1"];
const stack = new ServicesStack(HOSTS);
const app = {
  hosts: HOSTS,
  image: labImage("web"),
  announce: { port: 8080, probe: { http: "/" } },
  ready: { http: "/" },
};
const lone = { name: "fleet-lone", image: labImage("web") };
/** Far longer than it takes to create all members. */
const PAUSE = 300;
const EXITS = ["sh", "-c", "echo out of luck; exit 9"];
/** When the others have begun, too, and none has ended. */
const EXITS_LATER = ["sh", "-c", "sleep 1; echo out of luck; exit 9"];

function declareApp(changes: object): void {
  stack.declare(etcdService(), {
    "fleet-app": { ...app, ...changes },
    "fleet-lone": { ...lone, hosts: ["back-2"] },
  });
}

/** Follows the records of all instances, and asks each. */
const CLIENT = `etcd=$(head -n 1 /etc/rundock/etcd)
range=$(printf '{"key":"%s","range_end":"%s"}' "$(printf %s/ "$1" | base64 -w0)" "$(printf %s0 "$1" | base64 -w0)")
urls=$(curl -s --max-time 10 -d "$range" "$etcd/v3/kv/range" |
  jq -r '.kvs[]?.value | @base64d | fromjson | select(.host) | "\\(.host):\\(.port)"')
count=$(printf '%s\\n' $urls | wc -l)
[ "$count" -eq "$2" ] || echo "failed at $(date +%T.%N): records of $urls only"
for url in $urls; do
  curl -sf --max-time 10 "http://$url/" >/dev/null || echo "failed at $(date +%T.%N): $url"
done
sleep 0.05`;
const domain = String(labConfiguration().config["rundock:domain"]);
const KEY = `/skydns/${domain.split(".").reverse().join("/")}/fleet-app`;

/** Runs the task while a client asks all instances again and again; and what went wrong. */
async function underLoad<T>(task: () => Promise<T>): Promise<{ result: T; failed: string[] }> {
  const client = new HostWatch("back-2", CLIENT, KEY, String(HOSTS.length));
  const { result, lines: failed } = await client.during(task);
  return { result, failed: failed.length === 0 ? [] : [...failed, ...HOSTS.flatMap(supervisionLog)] };
}

/** What run, finish and the announcer said of late: why a record went. */
function supervisionLog(host: string): string[] {
  const words = ["logs", "--timestamps", "--tail=20", `rundock-${LAB}-${host}`];
  const { stdout, stderr } = spawnSync("docker", words, { encoding: "utf8" });
  return `${stdout}${stderr}`.split("\n").map((line) => `${host}: ${line}`);
}

function onEach<T>(ask: (host: string) => T): Record<string, T> {
  return Object.fromEntries(HOSTS.map((host) => [host, ask(host)]));
}

function idOf(service: string, host: string): string {
  return onHost(host, "docker", "inspect", "--format={{.Id}}", service).trim();
}

function ids(): Record<string, string> {
  return onEach((host) => idOf("fleet-app", host));
}

function versions(): Record<string, string> {
  const page = (host: string) => onHost(host, "docker", "exec", "fleet-app", "cat", "/www/index.html");
  return onEach((host) => page(host).replace(/^web (\S+) on .*\n$/, "$1"));
}

/** When the containers were made, in seconds, the first one first. */
function creations(): number[] {
  const created = (host: string) => onHost(host, "docker", "inspect", "--format={{.Created}}", "fleet-app");
  return Object.values(onEach((host) => Date.parse(created(host).trim()) / 1000)).sort((a, b) => a - b);
}

async function failingUp(): Promise<string> {
  const { code, output } = await stack.run("up");
  assert.notEqual(code, 0, output);
  return output;
}

before(async () => {
  await stack.create();
  const fleets = { "fleet-app": { ...app, rollout: { pause: PAUSE } } };
  stack.declare({ ...etcdService(), "fleet-lone-back-2": { ...lone, host: "back-2" } }, fleets);
  await stack.succeed("up");
});

after(() => stack.remove());

test("a fleet is created on all of its hosts at once, runs and is announced on each", async () => {
  const [first = 0, , last = 0] = creations();
  assert.ok(last - first < PAUSE, `the last was created ${last - first} s after the first`);
  assert.deepEqual(versions(), { "back-1": "1", "back-2": "1", "front-1": "1" });
  const { failed } = await underLoad(() => stack.succeed("up", "--refresh", "--expect-no-changes"));
  assert.deepEqual(failed, []);
});

test("another policy, and a service that becomes a fleet's, touch no host and are no change later", async () => {
  const before = { ...ids(), lone: idOf("fleet-lone", "back-2") };
  declareApp({ rollout: { maxParallel: "50%", pause: 1 } });
  const preview = await stack.succeed("preview");
  for (const host of HOSTS)
    assert.ok(preview.includes(`${host}: fleet-app: what Pulumi knows of it, host untouched`));
  assert.doesNotMatch(preview, /rundock:Service .*(create|delete|replace)/);
  await stack.succeed("up");
  await stack.succeed("up", "--refresh", "--expect-no-changes");
  assert.deepEqual({ ...ids(), lone: idOf("fleet-lone", "back-2") }, before);
});

test("a new version goes from host to host after its canary has held, and no request is lost", async () => {
  declareApp({ env: { VERSION: "2", LISTEN_AFTER: "1" } });
  const preview = await stack.succeed("preview");
  const effect = "new container, start-first, no interruption (canary first, then 1 at a time)";
  for (const host of HOSTS) assert.ok(preview.includes(`${host}: fleet-app: ${effect}`), preview);
  const { failed } = await underLoad(() => stack.succeed("up"));
  assert.deepEqual(failed, []);
  assert.deepEqual(versions(), { "back-1": "2", "back-2": "2", "front-1": "2" });
  const [canary = 0, second = 0, third = 0] = creations();
  // A second until it listens, and whole seconds of watching, of which the first may be cut short.
  assert.ok(second - canary >= 3, `the second began ${second - canary} s after the canary`);
  assert.ok(third - second >= 1, `the third began ${third - second} s after the second`);
});

test("a version that ends at once stops at the first host, and the error tells what runs where", async () => {
  const before = ids();
  declareApp({ command: EXITS });
  const { result: output, failed } = await underLoad(failingUp);
  assert.deepEqual(failed, []);
  const [, broken = ""] =
    output.match(/(\S+): fleet-app: could not start the new container: .*exit code 9/) ?? [];
  assert.match(output, /out of luck/);
  const others = HOSTS.filter((host) => host !== broken);
  assert.equal(others.length, 2, output);
  for (const host of others) {
    const error = `${host}: fleet-app: could not begin the update: the rollout of fleet fleet-app halted after ${broken} failed`;
    assert.ok(output.includes(error), `${error}\nin:\n${output}`);
  }
  const [, old = ""] = output.match(/ {2}old version: (.*)/) ?? [];
  assert.deepEqual(old.split(", ").sort(), others);
  assert.deepEqual(ids(), before);
});

test("the next good version goes to all hosts, those that were halted too", async () => {
  declareApp({ env: { VERSION: "3" } });
  await stack.succeed("up");
  assert.deepEqual(versions(), { "back-1": "3", "back-2": "3", "front-1": "3" });
  await stack.succeed("up", "--refresh", "--expect-no-changes");
});

test("hosts whose update has begun finish it when another one fails, and stay as they are later", async () => {
  const rollout = { maxParallel: 3, canary: 0 };
  const env = { VERSION: "4", LISTEN_AFTER: "2" };
  declareApp({ rollout, env, perHost: { "back-1": { command: EXITS_LATER } } });
  const output = await failingUp();
  assert.match(output, /back-1: fleet-app: could not start the new container/);
  assert.deepEqual(versions(), { "back-1": "3", "back-2": "4", "front-1": "4" });
  const { "back-1": _, ...updated } = ids();
  declareApp({ rollout, env });
  await stack.succeed("up");
  assert.equal(versions()["back-1"], "4");
  const { "back-1": __, ...later } = ids();
  assert.deepEqual(later, updated);
});

test("a fleet that is to go back takes back what was updated, and a refresh shows it", async () => {
  const changes = {
    rollout: { maxParallel: 3, canary: 0, onFailure: "rollback" },
    env: { VERSION: "5", LISTEN_AFTER: "2" },
  };
  declareApp({ ...changes, perHost: { "back-1": { command: EXITS_LATER } } });
  const { result: output, failed } = await underLoad(failingUp);
  assert.deepEqual(failed, []);
  const [, takenBack = ""] = output.match(/ {2}taken back to the old version: (.*)/) ?? [];
  assert.deepEqual(takenBack.split(", ").sort(), ["back-2", "front-1"], output);
  assert.deepEqual(versions(), { "back-1": "4", "back-2": "4", "front-1": "4" });
  declareApp(changes);
  await stack.succeed("up", "--refresh");
  assert.deepEqual(versions(), { "back-1": "5", "back-2": "5", "front-1": "5" });
});

test("hosts come and go, and what could not be created is made by the next up", async () => {
  const changes = { env: { VERSION: "5", LISTEN_AFTER: "2" } };
  const others = ["back-1", "front-1"];
  const kept = others.map((host) => idOf("fleet-app", host));
  declareApp({ ...changes, hosts: others });
  await stack.succeed("up");
  assert.equal(onHost("back-2", "docker", "ps", "--all", "--quiet", "--filter=name=fleet-app"), "");

  onHost("back-2", "docker", "create", "--name=fleet-app", app.image);
  declareApp(changes);
  assert.match(await failingUp(), /back-2: fleet-app: could not create container fleet-app/);
  onHost("back-2", "docker", "rm", "fleet-app");
  await stack.succeed("up");
  await stack.succeed("up", "--refresh", "--expect-no-changes");
  assert.deepEqual(versions(), { "back-1": "5", "back-2": "5", "front-1": "5" });
  assert.deepEqual(
    others.map((host) => idOf("fleet-app", host)),
    kept,
  );
});
