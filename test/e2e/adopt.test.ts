import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { leaveOldService, removeOldServices } from "./adopt/origin-host.ts";
import { eventually } from "./eventually.ts";
import { labConfiguration, onHost, tryOnHost } from "./lab-environment.ts";
import { etcdService, labHost, labImage, type Services, ServicesStack } from "./services-stack.ts";

const HOST = "back-2";
const IMAGE = labImage("web");
const { privateAddress } = labHost(HOST);
const ETCD = `http://${labHost("back-1").privateAddress}:2379`;
const DOMAIN = labConfiguration().config["rundock:domain"] as string;
const path = (name: string) => `skydns/${DOMAIN.split(".").reverse().join("/")}/${name}/${HOST}`;
const stack = new ServicesStack(["back-1", HOST]);

/** Name -> what its old `docker run` says, and what is declared of it now. */
const OLD: Readonly<Record<string, readonly string[]>> = {
  site: ["-p", `${privateAddress}:18081:8080`, "-e", "COLOUR=blue", "-v", "site-data:/data"],
  deaf: ["-p", `${privateAddress}:18082:8080`],
  plain: [],
  fixed: ["-p", `${privateAddress}:18083:8080`],
};
const web = {
  host: HOST,
  image: IMAGE,
  update: { drain: 0, monitor: 0, stopTimeout: 1 },
  ready: { tcp: 8080 },
};
const announced = (publish: number) => ({ port: 8080, publish, probe: { http: "/" } });

const NEW: Services = {
  site: { ...web, env: { COLOUR: "blue" }, volumes: ["site-data:/data"], announce: announced(18081) },
  deaf: { ...web, announce: announced(18082) },
  plain: { ...web, env: { COLOUR: "green" } },
  lone: { ...web, memory: "64m" },
  hand: web,
};

function etcd(): Services {
  const { etcd = {} } = etcdService();
  return { etcd: { ...etcd, command: [...(etcd.command as string[]), "--enable-v2"] } };
}

/** All of them, with these arguments beside their own. */
function adopting(services: Services, changes: object = { adopt: true }): Services {
  const all = Object.entries(services).map(([name, args]) => [name, { ...args, ...changes }]);
  return { ...etcd(), ...Object.fromEntries(all) };
}

function onShell(script: string, ...words: string[]): string {
  return onHost(HOST, "sh", "-euc", script, "sh", ...words);
}

function containerId(name: string): string {
  return tryOnHost(HOST, "docker", "inspect", "--format={{.Id}} {{.State.Running}}", name).stdout.trim();
}

const ids = () => Object.fromEntries([...Object.keys(NEW), "fixed"].map((name) => [name, containerId(name)]));

/** The value of a key in etcd's v2 API. */
function oldRecord(name: string): string | undefined {
  const answer = onHost(HOST, "curl", "--silent", `${ETCD}/v2/keys/${path(name)}`);
  return JSON.parse(answer).node?.value;
}

function newRecord(name: string): { host: string; port: number } {
  const endpoint = `--endpoints=${ETCD}`;
  const words = [
    "docker",
    "exec",
    "etcd",
    "etcdctl",
    endpoint,
    "get",
    "--print-value-only",
    `/${path(name)}/${name}`,
  ];
  return JSON.parse(onHost("back-1", ...words));
}

before(async () => {
  await stack.create();
  stack.declare(etcd());
  await stack.succeed("up");
  const urls: Record<string, string> = {
    site: `${ETCD}/v2/keys/${path("site")}`,
    deaf: `http://127.0.0.1:1/v2/keys/${path("deaf")}`,
  };
  for (const [name, words] of Object.entries(OLD))
    leaveOldService(HOST, name, IMAGE, urls[name] ?? "-", ...words);
  onShell('docker run -d --restart=always --memory=64m --name lone "$1"', IMAGE);
  onShell(
    `mkdir /etc/sv/hand; printf '#!/bin/sh\\nexec docker run --name hand --hostname %s-hand %s\\n' "$(hostname)" "$1" >/etc/sv/hand/run
    chmod 755 /etc/sv/hand/run; ln -s /etc/sv/hand /etc/service/hand`,
    IMAGE,
  );
  await eventually("all of the old runs", () => Object.values(ids()).every((id) => id.endsWith("true")));
  await eventually("the old announcement is there", () => oldRecord("site") !== undefined);
});

after(async () => {
  await stack.remove();
  removeOldServices(HOST, "fixed");
});

test("without adopt all that is there is refused, and runs on", async () => {
  const before = ids();
  stack.declare(adopting(NEW, {}));
  const { code, output } = await stack.run("up");
  assert.notEqual(code, 0);
  for (const name of Object.keys(NEW)) {
    assert.match(
      output,
      new RegExp(`back-2: ${name}: could not create .*\\n.*adopt: true takes it over`),
      name,
    );
  }
  // As a destroy does.
  onHost(HOST, "/usr/local/lib/rundock/remove.sh", "hand");
  assert.match(onHost(HOST, "sv", "status", "hand"), /^run: /);
  assert.deepEqual(ids(), before);
});

test("what is the same runs on, and what differs is replaced", async () => {
  const before = ids();
  stack.declare(adopting(NEW));
  const output = await stack.succeed("up");
  const { plain: oldPlain, ...same } = before;
  const { plain, ...others } = ids();
  assert.deepEqual(others, same);
  assert.notEqual(plain, oldPlain);
  assert.match(output, /back-2: site: adopts what is there under its name; .* stop-first, about 2 s down/);
  assert.match(output, /back-2: site: the container that was there runs on/);
  assert.match(
    output,
    /back-2: deaf: its old record could not be removed: http:\/\/127\.0\.0\.1:1\/v2\/keys\S+ answers with status 000; it is gone within 60 s/,
  );
  assert.match(
    output,
    /back-2: plain: a new container takes the place of the one that was there, which differs in Env/,
  );
});

test("the old supervisors are gone, and nothing of theirs is left", async () => {
  const left =
    "ls -d /etc/sv/docker-* /etc/sv/.foreign* /etc/service/.??* /etc/service/docker-* 2>/dev/null || true";
  assert.deepEqual(onShell(left).split("\n").filter(Boolean).sort(), [
    "/etc/service/docker-fixed",
    "/etc/sv/docker-fixed",
  ]);
  const folders = onShell("readlink /proc/[0-9]*/cwd || true").split("\n");
  assert.deepEqual(
    folders.filter((folder) => /\/docker-|\.foreign/.test(folder) && !folder.includes("docker-fixed")),
    [],
  );
  await eventually("runsv supervises what was adopted", () =>
    /^run: /.test(tryOnHost(HOST, "sv", "status", "site").stdout),
  );
});

test("the announcement has moved", () => {
  assert.equal(oldRecord("site"), undefined);
  assert.deepEqual(newRecord("site").port, 18081);
  assert.equal(newRecord("site").host, privateAddress);
});

test("afterwards adopt may go, and refresh finds everything as declared", async () => {
  const before = ids();
  stack.declare(adopting(NEW, {}));
  await stack.succeed("up", "--refresh", "--expect-no-changes");
  assert.deepEqual(ids(), before);
});

test("a container that was adopted is supervised and changed like any other", async () => {
  onHost(HOST, "docker", "kill", "site");
  await eventually("a new container runs", () => /true$/.test(containerId("site")));
  assert.match(onHost(HOST, "docker", "inspect", "--format={{.Config.Labels}}", "site"), /rundock.identity/);
  const { hand: _, ...rest } = NEW;
  stack.declare(adopting({ ...rest, lone: { ...NEW.lone, memory: "48m" } }, {}));
  await stack.succeed("up");
  assert.equal(
    onHost(HOST, "docker", "inspect", "--format={{.HostConfig.Memory}}", "lone").trim(),
    String(48 * 2 ** 20),
  );
  assert.equal(containerId("hand"), "");
  assert.equal(onShell("ls /etc/sv/*/adopted").trim(), "/etc/sv/deaf/adopted");
});

test("a runit service that runs no container of that name is refused", async () => {
  onShell(
    `mkdir /etc/sv/daemon; printf '#!/bin/sh\\nexec sleep 1000\\n' >/etc/sv/daemon/run
    chmod 755 /etc/sv/daemon/run; ln -s /etc/sv/daemon /etc/service/`,
  );
  await eventually("it runs", () => /^run: /.test(tryOnHost(HOST, "sv", "status", "daemon").stdout));
  stack.declare(adopting({ daemon: web }));
  const { code, output } = await stack.run("up");
  assert.notEqual(code, 0);
  assert.match(output, /back-2: daemon: could not adopt .*: what it runs is no container daemon/);
  assert.match(onHost(HOST, "sv", "status", "daemon"), /^run: /);
  onShell("rm /etc/service/daemon; sv exit /etc/sv/daemon; until rm -rf /etc/sv/daemon; do sleep 0.2; done");
});

test("when the new container fails, the old tree is at work again, and the next up completes", async () => {
  const fixed = { ...web, ports: ["18083:8080"], command: ["sh", "-c", "echo no luck; exit 4"] };
  stack.declare(adopting({ fixed }));
  const { code, output } = await stack.run("up");
  assert.notEqual(code, 0);
  assert.match(output, /back-2: fixed: adopts what is there under its name/);
  assert.match(output, /back-2: fixed: could not start the new container: .*exit code 4/);
  await eventually("the old tree runs its container", () => /true$/.test(containerId("fixed")));
  assert.equal(onHost(HOST, "readlink", "/etc/service/docker-fixed").trim(), "/etc/sv/docker-fixed");

  stack.declare(adopting({ fixed: { ...fixed, command: ["/bin/serve"], env: { COLOUR: "red" } } }));
  await stack.succeed("up");
  assert.match(onHost(HOST, "docker", "exec", "fixed", "env"), /^COLOUR=red$/m);
  assert.notEqual(tryOnHost(HOST, "ls", "-d", "/etc/sv/docker-fixed").status, 0);
});
