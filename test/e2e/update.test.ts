import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { eventually } from "./eventually.ts";
import { HostWatch } from "./host-watch.ts";
import { labConfiguration, onHost, tryOnHost } from "./lab-environment.ts";
import { etcdService, labImage, type Services, ServicesStack } from "./services-stack.ts";

const stack = new ServicesStack(["back-1", "back-2"]);
const app = {
  host: "back-2",
  image: labImage("web"),
  announce: { port: 8080, probe: { http: "/" } },
  ready: { http: "/" },
};

function withApp(changes: object): Services {
  return { ...etcdService(), app: { ...app, ...changes } };
}

/** Follows the record and asks where it points, as a client would. */
const CLIENT = `etcd=$(head -n 1 /etc/rundock/etcd)
key=$(printf %s "$1" | base64 -w0)
record=$(curl -s --max-time 10 -d "{\\"key\\":\\"$key\\"}" "$etcd/v3/kv/range" | jq -r '.kvs[0].value // "" | @base64d')
url=$(printf %s "$record" | jq -r '"\\(.host):\\(.port)"')
curl -sf --max-time 10 "http://$url/" >/dev/null || echo "failed at '$url'"`;

const DOMAIN = labConfiguration().config["rundock:domain"] as string;
const KEY = `/skydns/${DOMAIN.split(".").reverse().join("/")}/app/back-2/app`;

/** Runs the task while a client asks without pause; and what went wrong. */
async function underLoad<T>(task: () => Promise<T>): Promise<{ result: T; failed: string[] }> {
  const client = new HostWatch("back-2", CLIENT, KEY);
  const { result, lines } = await client.during(task);
  return { result, failed: lines };
}

function containers(): string[] {
  const format = "--format={{.Names}} {{.ID}} {{.State}}";
  return onHost("back-2", "docker", "ps", "--all", format, "--filter=label=rundock.service=app")
    .split("\n")
    .filter(Boolean);
}

async function failingUp(changes: object): Promise<string> {
  stack.declare(withApp(changes));
  const { code, output } = await stack.run("up");
  assert.notEqual(code, 0, output);
  return output;
}

before(async () => {
  await stack.create();
  stack.declare(withApp({}));
  await stack.succeed("up");
});

after(() => stack.remove());

test("a new version starts beside the old one, and no request is lost", async () => {
  stack.declare(withApp({ env: { VERSION: "2", LISTEN_AFTER: "2" } }));
  const { result: output, failed } = await underLoad(() => stack.succeed("up"));
  assert.match(output, /back-2: app: new container, start-first, no interruption/);
  assert.deepEqual(failed, []);
  await eventually("the old container is gone", () => containers().length === 1);
  assert.match(onHost("back-2", "docker", "exec", "app", "cat", "/www/index.html"), /^web 2/);
});

test("a version that never gets ready leaves the old one serving, and the error tells the probe's answer", async () => {
  const before = containers();
  const { failed } = await underLoad(async () => {
    const command = ["sh", "-c", "echo still warming up; sleep 600"];
    const output = await failingUp({ command, ready: { http: "/", timeout: 3 } });
    assert.match(output, /back-2: app: could not start the new container: it did not get ready/);
    assert.match(output, /last answer of the ready probe: .*(refused|connect)/i);
    assert.match(output, /still warming up/);
    assert.match(output, /The container before runs on; correct the new one and run pulumi up again/);
  });
  assert.deepEqual(failed, []);
  assert.deepEqual(containers(), before);
});

/** Serves until somebody makes the file /enough. */
const DIES = "/bin/serve & until [ -e /enough ]; do sleep 0.1; done; sleep 1; echo out of luck; exit 9";
/** Its record is there: from then on it has to hold. */
const IS_WATCHED = 'grep -q "^app $(docker inspect --format={{.Id}} app.next) " /run/rundock/announced';

test("a version that dies soon after it was ready is taken back", async () => {
  const before = containers();
  const failing = failingUp({ command: ["sh", "-c", DIES], update: { monitor: 300 } });
  await eventually("it was ready", () => tryOnHost("back-2", "sh", "-c", IS_WATCHED).status === 0);
  onHost("back-2", "docker", "exec", "app.next", "touch", "/enough");
  const output = await failing;
  assert.match(output, /it ended with exit code 9 soon after it was ready/);
  assert.match(output, /out of luck/);
  assert.deepEqual(containers(), before);
});

test("a version that Docker's health check never finds healthy goes, and the error tells what the check said", async () => {
  const before = containers();
  const health = { command: "echo the index is not loaded; exit 1", interval: 1, retries: 1 };
  const { failed } = await underLoad(async () => {
    const output = await failingUp({ health, ready: { health: true, timeout: 6 } });
    assert.match(
      output,
      /last answer of the ready probe: Docker reports it as unhealthy: the index is not loaded/,
    );
    assert.match(output, /The container before runs on; correct the new one and run pulumi up again/);
  });
  assert.deepEqual(failed, []);
  assert.deepEqual(containers(), before);
});

test("after failures a good version needs no hand on the host, and is the one whose end counts", async () => {
  const health = { command: "test -e /www/index.html", interval: 1 };
  stack.declare(withApp({ env: { VERSION: "3" }, health, ready: { health: true } }));
  // Else the next run.sh notes it, after a second.
  const runsv = onHost("back-2", "pgrep", "-x", "-f", "runsv app").trim();
  onHost("back-2", "kill", "-STOP", runsv);
  await stack.succeed("up");
  const noted = onHost("back-2", "cat", "/run/rundock/app.started").trim();
  onHost("back-2", "kill", "-CONT", runsv);
  const pid = onHost("back-2", "docker", "inspect", "--format={{.State.Pid}}", "app").trim();
  assert.equal(noted.split(" ")[1], pid);
  await stack.succeed("up", "--refresh", "--expect-no-changes");
  await eventually("only the new container is left", () => containers().length === 1);
  assert.match(onHost("back-2", "docker", "exec", "app", "cat", "/www/index.html"), /^web 3/);
});

test("the waiter follows the new container: a crash is noticed at once", async () => {
  const [line = ""] = containers();
  tryOnHost("back-2", "docker", "kill", "app");
  await eventually("the container runs again", () => /running$/.test(containers()[0] ?? ""));
  assert.equal(containers()[0]?.split(" ")[1], line.split(" ")[1], "it is the same container, started again");
});

test("a service that moves is ready at its new place before it goes from the old one", async () => {
  stack.declare(withApp({ host: "back-1" }));
  assert.match(await stack.succeed("up"), /back-1: app: moves from back-2 to back-1/);
  assert.deepEqual(containers(), []);
  assert.match(onHost("back-1", "docker", "exec", "app", "cat", "/www/index.html"), /^web 1 on back-1/);
});
