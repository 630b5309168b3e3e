import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { eventually } from "./eventually.ts";
import { lab, labConfiguration, onHost, tryOnHost } from "./lab-environment.ts";
import { revisionOf } from "./record-history.ts";
import { etcdService, labImage, type Services, ServicesStack } from "./services-stack.ts";

const stack = new ServicesStack(["back-1", "back-2", "back-3"]);
const FIRST = labImage("web");
const SECOND = FIRST.replace(/:1$/, ":2");

const app = {
  host: "back-2",
  name: "app",
  isShown: true,
  image: FIRST,
  announce: { port: 8080, name: "site", probe: { http: "/" } },
  ready: { http: "/", timeout: 10 },
  update: { drain: 1, monitor: 0 },
};
const other = { host: "back-2", image: FIRST, ready: { http: "/", port: 8080 } };
/** Of two resources that take each other's. */
let names = { left: "even", right: "odd" };

function withApp(changes: object): Services {
  const pair = Object.entries(names).map(([resource, name]) => [
    resource,
    { ...other, name, isShown: true, env: { RESOURCE: resource } },
  ]);
  return { ...etcdService(), app: { ...app, ...changes }, other, ...Object.fromEntries(pair) };
}

async function up(services: Services, ...words: string[]): Promise<string> {
  stack.declare(services);
  return stack.succeed("up", ...words);
}

function containerId(host: string, name: string): string {
  return onHost(host, "docker", "inspect", "--format={{.Id}}", name).trim();
}

/** What its web server says of itself. */
function page(host: string, name: string): string {
  return onHost(host, "docker", "exec", name, "cat", "/www/index.html").trim();
}

function images(): string[] {
  const format = "--format={{.Repository}}:{{.Tag}}";
  return onHost("back-2", "docker", "image", "ls", format, "--filter=reference=*/web")
    .split("\n")
    .filter(Boolean)
    .sort();
}

function digestInRegistry(tag: string): string {
  const url = `http://${FIRST.split("/")[0]}/v2/web/manifests/${tag}`;
  const accept = "Accept: application/vnd.docker.distribution.manifest.v2+json";
  const headers = onHost("back-2", "curl", "--silent", "--head", "--header", accept, url);
  return /docker-content-digest: (\S+)/i.exec(headers)?.[1] ?? "";
}

const DOMAIN = labConfiguration().config["rundock:domain"] as string;
const SITE = `/skydns/${DOMAIN.split(".").reverse().join("/")}/site/`;

/** The instances that the name had while the task was at work, each time that they changed: etcd keeps every revision. */
async function instancesDuring(task: () => Promise<unknown>): Promise<string[]> {
  const before = await revisionOf(etcdEndpoint());
  await task();
  const count = (await revisionOf(etcdEndpoint())) - before + 1;
  const revisions = Array.from({ length: count }, (_, index) => before + index);
  const seen = revisions.map((revision) =>
    etcdctl("get", "--prefix", SITE, "--keys-only", `--rev=${revision}`),
  );
  return seen.map(instancesIn).filter((instances, index, all) => instances !== all[index - 1]);
}

function etcdctl(...words: string[]): string {
  return onHost("back-1", "docker", "exec", "etcd", "etcdctl", `--endpoints=${etcdEndpoint()}`, ...words);
}

function etcdEndpoint(): string {
  return onHost("back-1", "head", "-n", "1", "/etc/rundock/etcd").trim();
}

/** Without the texts beside the records. */
function instancesIn(keys: string): string {
  const names = keys.replaceAll(SITE, "").trim().split(/\s+/);
  return names.filter((name) => !name.includes("/_")).join(" ");
}

before(async () => {
  await stack.create();
  for (const image of images()) onHost("back-2", "docker", "rmi", image);
  await up(withApp({}));
});

after(async () => {
  lab("start", "registry");
  await stack.remove();
});

test("the outputs have the digest of what runs, and it makes no change of its own", async () => {
  const digests = JSON.parse(await stack.succeed("stack", "output", "digests", "--json"));
  assert.equal(digests.app, digestInRegistry("1"));
  await stack.succeed("up", "--refresh", "--expect-no-changes");
});

test("a disabled service is gone from the host but for its files", async () => {
  const services = withApp({ image: SECOND });
  await up({ ...services, other: { ...other, enabled: false } });
  assert.notEqual(tryOnHost("back-2", "docker", "inspect", "other").status, 0);
  assert.notEqual(tryOnHost("back-2", "ls", "/etc/service/other").status, 0);
  assert.equal(onHost("back-2", "cat", "/etc/sv/other/releases/current/image").trim(), FIRST);
  await stack.succeed("up", "--refresh", "--expect-no-changes");
});

test("going back to the version before, which the outputs tell, needs no registry, nor does enabling", async () => {
  const previous = JSON.parse(await stack.succeed("stack", "output", "previous", "--json"));
  const release = onHost("back-2", "readlink", "/etc/sv/app/releases/previous").trim();
  assert.deepEqual(previous.app, { release, image: FIRST });
  assert.equal(previous.left, undefined, "there was none before");
  assert.match(page("back-2", "app"), /^web 2/);
  assert.deepEqual(images(), [FIRST, SECOND], "the image before is kept");
  lab("kill", "registry");
  await up(withApp({ image: FIRST }));
  lab("start", "registry");
  assert.match(page("back-2", "app"), /^web 1/);
  assert.match(page("back-2", "other"), /^web 1/);
});

test("an image goes with the last release that names it, and services may take each other's names", async () => {
  await eventually("the container of the second version is gone", () => appContainers() === 1);
  names = { left: names.right, right: names.left };
  const output = await up(withApp({ image: FIRST, env: { COLOUR: "green" } }));
  assert.deepEqual(images(), [FIRST]);
  for (const [resource, name] of Object.entries(names)) {
    assert.match(output, new RegExp(`back-2: ${name}: stays, since another resource has that name now`));
    const ask = ["sh", "-c", 'echo "$RESOURCE"'];
    assert.equal(onHost("back-2", "docker", "exec", name, ...ask).trim(), resource);
    assert.match(onHost("back-2", "readlink", `/etc/service/${name}`), new RegExp(`/${name}\n`));
  }
});

function appContainers(): number {
  const words = ["docker", "ps", "--all", "--quiet", "--filter=label=rundock.service=app"];
  return onHost("back-2", ...words).split("\n").length - 1;
}

test("a service that is renamed is found all the time", async () => {
  stack.declare(withApp({ name: "shop" }));
  assert.match(await stack.succeed("preview"), /back-2: shop: takes the place of app, new container/);
  const seen = await instancesDuring(() => stack.succeed("up"));
  assert.deepEqual(seen, ["back-2/app", "back-2/app back-2/shop", "back-2/shop"]);
  assert.notEqual(tryOnHost("back-2", "ls", "/etc/sv/app").status, 0);
  assert.match(page("back-2", "shop"), /^web 1/);
});

test("a service that moves is found all the time", async () => {
  const seen = await instancesDuring(() => up(withApp({ name: "shop", host: "back-3" })));
  assert.deepEqual(seen, ["back-2/shop", "back-2/shop back-3/shop", "back-3/shop"]);
});

test("a resource that is renamed in the program changes nothing on the host", async () => {
  const id = containerId("back-3", "shop");
  const { app: shop = {}, ...rest } = withApp({ name: "shop", host: "back-3" });
  await up({ ...rest, shop: { ...shop, aliases: ["app"] } }, "--expect-no-changes");
  await up({ ...rest, shop }, "--refresh", "--expect-no-changes");
  assert.equal(containerId("back-3", "shop"), id);
});

test("with the host go the images that were pulled for its services, those of a service that moved away too", async () => {
  assert.deepEqual(images(), [FIRST]);
  await stack.succeed("destroy");
  assert.deepEqual(images(), []);
});
