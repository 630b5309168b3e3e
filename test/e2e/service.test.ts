import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { eventually } from "./eventually.ts";
import { onHost, tryOnHost } from "./lab-environment.ts";
import { keepImages } from "./lab-use.ts";
import { etcdService, labImage, type Services, ServicesStack } from "./services-stack.ts";

const HOSTS = ["back-1", "back-2"];
const SECRET = "correct-horse-battery";
const encoded = (text: string) => Buffer.from(text).toString("base64");
const stack = new ServicesStack(HOSTS);

const web = {
  host: "back-2",
  image: labImage("web"),
  env: { GREETING: "hello" },
  volumes: ["web-data:/data"],
  announce: { port: 8080, probe: { http: "/" } },
  ready: { http: "/", port: 8080 },
};

const declared: Services = {
  ...etcdService(),
  web,
  keeper: {
    host: "back-1",
    image: labImage("web"),
    secretEnv: { PASSWORD: encoded(SECRET) },
    secretFiles: { "/run/token": encoded(SECRET) },
  },
};

function withWeb(changes: object): Services {
  return { ...declared, web: { ...web, ...changes } };
}

function containerId(host: string, name: string): string {
  return onHost(host, "docker", "inspect", "--format={{.Id}}", name).trim();
}

/** The lines that a diff marks as added or removed, without the marks of whole resources. */
function changedLines(preview: string): string[] {
  return preview
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => /^[-+] (?!pulumi)/.test(line));
}

before(async () => {
  await stack.create();
  stack.declare(declared);
  await stack.succeed("up");
});

after(() => stack.remove());

test("what is declared runs under runit and is announced", async () => {
  // runsvdir looks for new services every 5 s; the container runs and is announced before that.
  await eventually("runsv supervises web", () =>
    /^run: /.test(tryOnHost("back-2", "sv", "status", "web").stdout),
  );
  const key = onHost(
    "back-1",
    "docker",
    "exec",
    "etcd",
    "etcdctl",
    `--endpoints=${etcdUrl()}`,
    "get",
    "--prefix",
    "/skydns",
    "--keys-only",
  );
  assert.match(key, /\/web\/back-2\/web$/m);
});

function etcdUrl(): string {
  return onHost("back-1", "head", "-n", "1", "/etc/rundock/etcd").trim();
}

test("a second up changes nothing", async () => {
  const id = containerId("back-2", "web");
  await stack.succeed("up", "--expect-no-changes", "--refresh");
  assert.equal(containerId("back-2", "web"), id);
});

test("a preview shows the lines that change, and no others", async () => {
  stack.declare(withWeb({ env: { GREETING: "good evening" }, args: ["--shm-size=32m"] }));
  const preview = await stack.succeed("preview", "--diff");
  assert.match(preview, /back-2: web: new container, stop-first, about 5 s down/);
  const lines = changedLines(preview).filter((line) => !/identity|release/.test(line));
  assert.deepEqual(lines.filter((line) => /GREETING|shm-size=32m/.test(line)).sort(), [
    "+ --env=GREETING=good evening",
    "+ --shm-size=32m",
    "- --env=GREETING=hello",
  ]);
  stack.declare(declared);
});

test("a changed announcement leaves the container alone", async () => {
  const id = containerId("back-2", "web");
  stack.declare(withWeb({ announce: { ...web.announce, name: "site" } }));
  assert.match(await stack.succeed("up"), /back-2: web: announcement only, container untouched/);
  assert.equal(containerId("back-2", "web"), id);
  stack.declare(declared);
  await stack.succeed("up");
  assert.equal(containerId("back-2", "web"), id);
});

test("what a hand changed on a host is shown and put back", async () => {
  onHost("back-2", "sh", "-c", "echo --privileged >> /etc/sv/web/releases/current/container");
  const preview = await stack.succeed("preview", "--refresh", "--diff");
  assert.match(preview, /- --privileged/);
  await stack.succeed("up", "--refresh");
  assert.equal(tryOnHost("back-2", "grep", "privileged", "/etc/sv/web/releases/current/container").status, 1);
});

test("what a hand removed from a host comes back", async () => {
  onHost("back-2", "sh", "-c", "rm /etc/service/web; docker rm -f web; rm /etc/sv/web/releases/current");
  await stack.succeed("up", "--refresh");
  await stack.succeed("up", "--refresh", "--expect-no-changes");
  assert.match(onHost("back-2", "docker", "inspect", "--format={{.State.Running}}", "web"), /true/);
});

test("invalid input fails in preview with every path, and touches nothing", async () => {
  const id = containerId("back-2", "web");
  const wrong = { env: { GREETING: "two\nlines" }, announce: { port: 70000 }, args: ["--name=other"] };
  stack.declare({ ...declared, twin: { ...web, ...wrong, name: "web" } });
  const { code, output } = await stack.run("preview");
  assert.notEqual(code, 0);
  assert.match(
    output,
    /property name value \{web\} has a problem: is that of the resource web too, on the same host/,
  );
  for (const path of ["env.GREETING", "announce.port", "args[0]"])
    assert.ok(output.includes(path), `${path} in:\n${output}`);
  assert.equal(containerId("back-2", "web"), id);
  stack.declare(declared);
});

test("an image that does not exist fails before anything is stopped", async () => {
  const id = containerId("back-2", "web");
  stack.declare(
    withWeb({
      image: labImage("web").replace(/:.*$/, ":5000/none:1").replace("registry.lab", "registry.lab"),
    }),
  );
  const { code, output } = await stack.run("up");
  assert.notEqual(code, 0);
  assert.match(output, /back-2: web: could not pull image/);
  assert.equal(containerId("back-2", "web"), id);
  stack.declare(declared);
  await stack.succeed("up");
  assert.equal(containerId("back-2", "web"), id);
});

test("a container that ends at once is taken back, and the error tells why", async () => {
  stack.declare(withWeb({ command: ["sh", "-c", "echo the disk is on fire; exit 3"] }));
  const { code, output } = await stack.run("up");
  assert.notEqual(code, 0);
  assert.match(output, /back-2: web: could not start the new container: .*exit code 3/);
  assert.match(output, /the disk is on fire/);
  assert.match(output, /The container before runs on; correct the new one and run pulumi up again/);
  assert.match(onHost("back-2", "docker", "exec", "web", "cat", "/www/index.html"), /^web 1 on/);
  stack.declare(declared);
  await stack.succeed("up");
});

test("live configuration is reloaded without another container, and a bad one is refused", async () => {
  const site = (text: string) => ({ ...declared, site: siteSaying(text) });
  const says = () =>
    tryOnHost("back-2", "docker", "exec", "site", "curl", "--silent", "http://127.0.0.1:8080/").stdout;
  stack.declare(site("return 200 one;"));
  await stack.succeed("up");
  const id = containerId("back-2", "site");
  assert.equal(says(), "one");

  stack.declare(site("return 200 two;"));
  const reloaded = await stack.succeed("up", "--diff");
  assert.deepEqual(
    changedLines(reloaded)
      .filter((line) => line.includes("return"))
      .sort(),
    ["+ return 200 two;", "- return 200 one;"],
  );
  assert.match(reloaded, /back-2: site: configuration checked and reloaded, container untouched/);
  await eventually("nginx serves the new configuration", () => says() === "two");

  stack.declare(site("return nonsense nonsense nonsense;"));
  const { code, output } = await stack.run("up");
  assert.notEqual(code, 0);
  assert.match(output, /back-2: site: could not accept the new configuration/);
  assert.match(output, /\[emerg\]/);
  assert.equal(says(), "two");
  assert.equal(containerId("back-2", "site"), id);
  // Pulumi keeps the arguments of the change that failed; a refresh tells it what is on the host.
  const again = changedLines(await stack.succeed("preview", "--refresh", "--diff"));
  assert.deepEqual(again.filter((line) => line.includes("return")).sort(), [
    "+ return nonsense nonsense nonsense;",
    "- return 200 two;",
  ]);
  stack.declare(declared);
  await stack.succeed("up");
});

/** nginx with one server, whose answer is this directive. */
function siteSaying(directive: string) {
  const lines = ["events {}", "http {", "server {", "listen 8080;", "location / {", directive, "}", "}", "}"];
  return {
    host: "back-2",
    image: labImage("nginx"),
    command: ["nginx", "-c", "{config}/nginx.conf", "-g", "daemon off;"],
    config: {
      directory: "/etc/nginx/rundock",
      files: { "nginx.conf": `${lines.join("\n")}\n` },
      check: ["nginx", "-t", "-q", "-c", "{config}/nginx.conf"],
      reload: { command: ["nginx", "-s", "reload", "-c", "{config}/nginx.conf"] },
    },
    ready: { tcp: 8080 },
  };
}

test("a secret is in the container, and nowhere that another may read", async () => {
  assert.match(
    onHost("back-1", "docker", "exec", "keeper", "sh", "-c", "echo $PASSWORD"),
    new RegExp(SECRET),
  );
  assert.match(onHost("back-1", "docker", "exec", "keeper", "cat", "/run/token"), new RegExp(SECRET));
  const exported = await stack.succeed("stack", "export");
  assert.ok(!exported.includes(SECRET), "the state shows the secret");
  stack.declare({
    ...declared,
    keeper: { ...declared.keeper, secretEnv: { PASSWORD: encoded(`${SECRET}-2`) } },
  });
  const preview = await stack.succeed("preview", "--diff");
  assert.ok(!preview.includes(SECRET), "the preview shows the secret");
  stack.declare(declared);
  // Asked as a user without rights: a file's own mode says little where its folder is closed.
  const search = `grep -rl ${SECRET} /etc /run /tmp /var/log /usr/local/lib 2>/dev/null || true`;
  const readable = onHost("back-1", "setpriv", "--reuid=nobody", "--clear-groups", "sh", "-c", search);
  assert.equal(readable, "");
  assert.ok(!onHost("back-1", "ps", "-eo", "args").includes(SECRET), "the process list shows the secret");
});

test("destroy leaves nothing of ours but named volumes, and says so", async () => {
  await keepImages();
  const output = await stack.succeed("destroy");
  assert.match(output, /web-data/);
  for (const host of HOSTS) {
    assert.equal(onHost(host, "docker", "ps", "--all", "--quiet"), "");
    assert.equal(
      onHost(
        host,
        "sh",
        "-c",
        "ls -A /etc/sv /etc/service | grep -v '^ssh' | grep -E 'web|keeper|etcd|rundock' || true",
      ),
      "",
    );
  }
  assert.match(onHost("back-2", "docker", "volume", "ls", "--quiet"), /^web-data$/m);
});
