import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { eventually } from "./eventually.ts";
import { onHost, tryOnHost } from "./lab-environment.ts";
import { labImage, type Services, ServicesStack } from "./services-stack.ts";

/** A host that restarts, and one that is lost, are in environment.test.ts and drift.test.ts. */
const HOSTS = ["back-2", "back-3"];
const stack = new ServicesStack(HOSTS, []);
const web = { image: labImage("web"), update: { monitor: 0 } };
/** No layer of its own is on the host. */
const OTHER = labImage("coredns");

function declare(version: string, image = web.image): void {
  const services: Services = {
    steady: { ...web, host: "back-3" },
    // With no init beside it, it can close the stream by which its end is heard first.
    crashing: { ...web, host: "back-3", init: false, command: ["sh", "-c", "exec 2>&-; sleep 2; exit 3"] },
    cramped: { ...web, image, host: "back-2", env: { VERSION: version } },
  };
  stack.declare(services);
}

function shell(host: string, text: string, ...words: string[]): string {
  return onHost(host, "sh", "-euc", text, "sh", ...words).trim();
}

const inspect = (format: string) =>
  tryOnHost("back-3", "docker", "inspect", `--format={{${format}}}`, "steady").stdout.trim();
/** The same container, not even started again. */
const life = () => inspect(".Id}} {{.State.StartedAt}} {{.State.Running");
const waiter = () => tryOnHost("back-3", "cat", "/etc/sv/steady/supervise/pid").stdout.trim();

/** runsv, and under it a waiter for the container that runs. */
function isSupervised(): boolean {
  const { stdout } = tryOnHost("back-3", "sv", "status", "steady");
  const name = tryOnHost("back-3", "ps", "-o", "comm=", "-p", waiter() || "0").stdout.trim();
  return /^run: /.test(stdout) && name === "nc" && inspect(".State.Running") === "true";
}

before(async () => {
  // Room for the files of a few releases and no more.
  shell("back-2", "mount -t tmpfs -o size=400k none /etc/sv");
  await stack.create();
  declare("1");
  await stack.succeed("up");
  await eventually("runsv is at work", isSupervised);
});

after(async () => {
  tryOnHost("back-2", "umount", "/var/lib/docker/tmp");
  await stack.remove();
  // The last runsv may be about to end.
  await eventually("nobody is at work there", () => tryOnHost("back-2", "umount", "/etc/sv").status === 0);
});

test("a waiter that is killed is replaced, and the container goes on", async () => {
  const [container, killed] = [life(), waiter()];
  onHost("back-3", "kill", "-KILL", killed);
  await eventually("another one waits", () => waiter() !== killed && isSupervised());
  assert.equal(life(), container);
});

test("a runsv that is killed is replaced, and the container goes on", async () => {
  const [container, killed] = [life(), shell("back-3", 'pgrep -x -f "runsv steady"')];
  onHost("back-3", "kill", "-KILL", killed);
  const isReplaced = () => tryOnHost("back-3", "pgrep", "-x", "-f", "runsv steady").stdout.trim() !== killed;
  await eventually("another runsv is at work", () => isReplaced() && isSupervised());
  assert.equal(life(), container);
});

test("a runsvdir that is killed changes nothing for the container, which is supervised all the time", async () => {
  const container = life();
  shell("back-3", 'kill -KILL "$(cat /run/lab/runsvdir.pid)"');
  await eventually(
    "another runsvdir runs",
    () => tryOnHost("back-3", "pgrep", "-x", "runsvdir").status === 0,
  );
  assert.equal(life(), container);
});

test("a container that a hand stopped is started again; one that a hand removed is made anew", async () => {
  const id = inspect(".Id");
  onHost("back-3", "docker", "stop", "steady");
  await eventually("it runs again", isSupervised);
  assert.equal(inspect(".Id"), id);
  onHost("back-3", "docker", "rm", "--force", "steady");
  await eventually("another one runs", isSupervised);
  assert.notEqual(inspect(".Id"), id);
});

test("sv down stops a container, another of its name does not come in its way, and sv up brings it back", async () => {
  shell(
    "back-3",
    'sv -w 20 down steady; docker rm --force steady; docker run --detach --name steady "$1"',
    web.image,
  );
  onHost("back-3", "sv", "up", "steady");
  await eventually(
    "ours runs",
    () => inspect('index .Config.Labels "rundock.service"') === "steady" && isSupervised(),
  );
});

test("what dockerd stops by its restart is started again when it answers", async () => {
  const container = life();
  shell("back-3", 'kill "$(cat /run/lab/dockerd.pid)"');
  await eventually("dockerd stopped it", () => life() !== container);
  await eventually("it runs again", isSupervised, 60);
});

test("a container that keeps ending is started again after pauses that grow", async () => {
  const pause = () => Number(tryOnHost("back-3", "cat", "/run/rundock/crashing.backoff").stdout);
  await eventually("a longer pause", () => pause() >= 4);
});

test("without room for its marks on /run, a host keeps its containers", async () => {
  const [container, killed] = [life(), waiter()];
  shell("back-3", "mount -o remount,size=2m /run; head -c 3m /dev/zero >/run/filler || true");
  onHost("back-3", "kill", "-KILL", killed);
  await eventually("the waiter is gone", () => waiter() !== killed);
  assert.equal(life(), container);
  shell("back-3", "rm /run/filler; mount -o remount,size=50% /run");
  await eventually("it is supervised again", isSupervised);
  assert.equal(life(), container);
});

/** A container that counts aloud, with room for a log of 64 KiB. */
const TALK = `talk='n=0; while :; do n=$((n + 1)); echo "line $n of many"; echo "$n" >/count.new; mv /count.new /count; done'
id=$(docker create --name talkative "$1" sh -c "$talk")
folder=/var/lib/docker/containers/$id
mkdir /tmp/talkative
cp -a "$folder/." /tmp/talkative
mount -t tmpfs -o size=64k none "$folder"
cp -a /tmp/talkative/. "$folder"
rm -r /tmp/talkative
docker start talkative >/dev/null
until df "$folder" | grep -q 100%; do sleep 0.1; done`;

test("a container whose log has no room left goes on, and can be stopped", async () => {
  shell("back-3", TALK, web.image);
  const count = () => Number(shell("back-3", "docker exec talkative cat /count"));
  const full = count();
  await eventually("it counts on", () => count() > full);
  shell("back-3", "docker stop --time 0 talkative; docker rm talkative");
});

test("with a full disk an update fails with the reason and leaves the old one serving; later it goes through", async () => {
  const version = () => onHost("back-2", "docker", "exec", "cramped", "cat", "/www/index.html");
  const failsWith = async (reason: RegExp) => {
    const { code, output } = await stack.run("up");
    assert.notEqual(code, 0);
    assert.match(output, reason);
    assert.match(version(), /^web 1 on/);
  };
  shell("back-2", "head -c 1m /dev/zero >/etc/sv/filler || true");
  declare("2", OTHER);
  await failsWith(/back-2: cramped: could not unpack the archive: .*No space left on device/);
  // Where Docker puts what it pulls, there is room for no file.
  shell("back-2", "rm /etc/sv/filler; mount -t tmpfs -o nr_inodes=1 none /var/lib/docker/tmp");
  tryOnHost("back-2", "docker", "rmi", OTHER);
  await failsWith(/back-2: cramped: could not pull image .*no space left on device/);
  shell("back-2", "umount /var/lib/docker/tmp");
  declare("2");
  await stack.succeed("up");
  assert.match(version(), /^web 2 on/);
});
