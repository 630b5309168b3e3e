import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { eventually } from "./eventually.ts";
import { lab, onHost, tryOnHost } from "./lab-environment.ts";
import { labImage, type Services, ServicesStack } from "./services-stack.ts";

/** Behind a jump host it takes longer to find out that a host is dead. */
const HOSTS = ["front-2", "back-2"];
const SECRET = "correct-horse-battery";
const encoded = (text: string) => Buffer.from(text).toString("base64");
const stack = new ServicesStack(HOSTS, []);

const on = (host: string, more: object = {}) => ({
  host,
  image: labImage("web"),
  update: { monitor: 0 },
  ...more,
});

const declared: Services = {
  edited: on("back-2", { files: { "/etc/app.conf": "as declared\n" } }),
  held: on("back-2", { files: { "/etc/app.conf": "as declared\n" } }),
  unlinked: on("back-2"),
  opened: on("back-2", { secretEnv: { PASSWORD: encoded(SECRET) }, files: { "/etc/app.conf": "" } }),
  keeper: on("front-2", { secretFiles: { "/run/token": encoded(SECRET) } }),
  replaced: on("front-2"),
};

/** What a hand does to a host. */
const HANDS: Readonly<Record<string, readonly string[]>> = {
  "back-2": [
    "echo by hand >>/etc/sv/edited/releases/current/files/etc/app.conf",
    "echo by hand >/etc/sv/edited/releases/current/files/etc/extra.conf",
    // As after a change that left the container alone: what it has mounted is of the release before.
    "cd /etc/sv/held/releases; old=$(readlink current); cp -a $old $old.99; ln -sfn $old.99 current",
    "echo by hand >>$old/files/etc/app.conf",
    "rm /etc/sv/edited/stop-timeout",
    "rm /etc/sv/edited/check; echo '# a hand was here' >>/etc/sv/edited/finish",
    "mkdir /etc/sv/edited/log && printf '#!/bin/sh\\n' >/etc/sv/edited/log/run",
    "rm /etc/service/unlinked",
    "chmod 0644 /etc/sv/opened/releases/current/private/env",
    "chmod 0755 /etc/sv/opened/releases/current/private",
    "chown 1000:1000 /etc/sv/opened/run",
    "chmod 0666 /etc/sv/opened/drain",
    "echo true >/usr/local/lib/rundock/extra.sh",
    "chmod 0777 /usr/local/lib/rundock/finish.sh; chmod 0666 /etc/rundock/host",
  ],
  "front-2": [
    "echo by hand >/etc/sv/keeper/releases/current/private/files/run/token",
    `sv down replaced; docker rm -f replaced; docker run -d --name replaced --label rundock.service=replaced ${labImage("web")}`,
    "echo '# by hand' >>/usr/local/lib/rundock/run.sh",
  ],
};

/** The commands that the host's sshd has run so far. */
function commandsOn(host: string): number {
  return Number(onHost(host, "grep", "--count", "Starting session: command", "/var/log/sshd.log"));
}

function countCommands(host: string, level: "VERBOSE" | "INFO"): void {
  const set = 'echo "LogLevel $1" >/etc/ssh/sshd_config.d/level.conf; pkill -HUP -o -x sshd';
  onHost(host, "sh", "-c", set, "sh", level);
}

before(async () => {
  for (const host of HOSTS) countCommands(host, "VERBOSE");
  await stack.create();
  stack.declare(declared);
  await stack.succeed("up");
  const isSupervised = () => /^run: /.test(tryOnHost("front-2", "sv", "status", "replaced").stdout);
  await eventually("runsv supervises what a hand takes down", isSupervised);
});

after(async () => {
  lab("start", "front-2");
  await stack.remove();
  for (const host of HOSTS) countCommands(host, "INFO");
});

test("every kind of drift is named, in one round trip for each host", async () => {
  for (const [host, commands] of Object.entries(HANDS)) onHost(host, "sh", "-ec", commands.join("\n"));
  const before = HOSTS.map(commandsOn);
  const preview = await stack.succeed("preview", "--refresh", "--diff");
  assert.deepEqual(
    HOSTS.map((host, index) => commandsOn(host) - (before[index] as number)),
    [1, 1],
  );
  const drift = [
    /current\/files\/etc\/app\.conf/,
    /- by hand/,
    /- +current\/files\/etc\/extra\.conf/,
    /- +log +: "\(not made by Rundock\)/,
    /\+ +stop-timeout/,
    /- +check +: "\(not there\)/,
    /- +finish +:.*# a hand was here/s,
    /- +extra\.sh/,
    /~ run\.sh/,
    /~ finish\.sh/,
    /\(0666\)/,
    /back-2: edited: new container, start-first/,
    /\(changed where the container has it\)/,
    /back-2: held: new container, start-first/,
    /back-2: unlinked: enabled, container started/,
    /- +drain *: "0666"/,
    /- +run *: "0755 1000:1000"/,
    /back-2: opened: files only, container untouched/,
    /front-2: keeper: new container, start-first/,
    /front-2: replaced: container started, since it does not run/,
  ];
  const unnamed = drift.filter((found) => !found.test(preview));
  assert.deepEqual(unnamed, [], preview);
  assert.ok(!preview.includes(SECRET));
});

test("up puts everything back, and finds nothing more to do", async () => {
  await stack.succeed("up", "--refresh");
  await stack.succeed("up", "--refresh", "--expect-no-changes");
  assert.equal(onHost("back-2", "docker", "exec", "edited", "cat", "/etc/app.conf"), "as declared\n");
  assert.equal(onHost("back-2", "docker", "exec", "held", "cat", "/etc/app.conf"), "as declared\n");
  assert.equal(tryOnHost("back-2", "docker", "exec", "edited", "cat", "/etc/extra.conf").status, 1);
  assert.equal(tryOnHost("back-2", "ls", "/etc/sv/edited/log").status, 2);
  assert.match(onHost("back-2", "readlink", "/etc/service/unlinked"), /\/unlinked\n$/);
  const hostFiles = ["/usr/local/lib/rundock/finish.sh", "/etc/rundock/host"];
  assert.equal(onHost("back-2", "stat", "--format=%a", ...hostFiles), "755\n644\n");
  const opened = ["releases/current/private", "releases/current/private/env", "run", "drain"];
  const rights = onHost(
    "back-2",
    "stat",
    "--format=%a %u",
    ...opened.map((path) => `/etc/sv/opened/${path}`),
  );
  assert.equal(rights, "700 0\n600 0\n755 0\n644 0\n");
  assert.equal(onHost("front-2", "docker", "exec", "keeper", "cat", "/run/token"), SECRET);
  assert.match(onHost("front-2", "cat", "/etc/sv/replaced/supervise/stat"), /^run$/m);
});

test("a dead host is named, keeps its state, and holds up no other", async () => {
  lab("kill", "front-2");
  const state = await stack.succeed("stack", "export", "--show-secrets");
  const refreshed = await stack.succeed("refresh");
  assert.match(refreshed, /front-2: not refreshed: .*front-2/);
  assert.match(refreshed, /front-2: keeper: not refreshed/);
  assert.deepEqual(resourcesIn(await stack.succeed("stack", "export", "--show-secrets")), resourcesIn(state));

  const changed = Object.entries(declared).map(([name, args]) => [name, { ...args, env: { VERSION: "2" } }]);
  stack.declare(Object.fromEntries(changed));
  const { code, output } = await stack.run("up", "--continue-on-error");
  assert.notEqual(code, 0);
  assert.match(output, /front-2 .*could not connect over SSH/);
  for (const name of ["edited", "unlinked"])
    assert.match(onHost("back-2", "docker", "exec", name, "cat", "/www/index.html"), /^web 2 on/);

  const destroyed = await stack.run("destroy", "--continue-on-error");
  assert.notEqual(destroyed.code, 0);
  assert.match(destroyed.output, /error: front-2 .*could not connect over SSH/);
  assert.match(destroyed.output, /pulumi state delete forgets the service/);
  assert.equal(onHost("back-2", "docker", "ps", "--all", "--quiet", "--filter=label=rundock.service"), "");
});

/** Of a dead host nothing may change but when Pulumi looked. */
function resourcesIn(exported: string): unknown[] {
  const { resources } = JSON.parse(exported).deployment as {
    resources: { inputs?: unknown; outputs?: unknown }[];
  };
  return resources.map(({ inputs, outputs }) => ({ inputs, outputs }));
}
