import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { after, before, test } from "node:test";
import { loadImage } from "../../providers/remote/image-commands.ts";
import { labConnection, labPool } from "./lab-connection.ts";
import { LAB, type LabHost, lab, labConfiguration, onHost, ROOT, tryOnHost } from "./lab-environment.ts";
import { PulumiStack } from "./pulumi-stack.ts";
import { labImage } from "./services-stack.ts";

const HOST = "back-2";
const PROGRAM = `${ROOT}/test/e2e/images-program`;
/** A registry of the host's own, on its loopback address: only the host reaches it, and it wants a login. */
const PRIVATE = "127.0.0.1:5001";
const PASSWORD = "correct-horse-battery";
const WRONG = "wrong-horse-battery";
/** PASSWORD through bcrypt, as `htpasswd -B` writes it. */
const HTPASSWD = "deploy:$2y$05$abcdefghijklmnopqrstuuSnF5tLPqPFqc0z9CY0HcSLFbSRlL67u\n";

const { address, hostKey, privateAddress } = labConfiguration().config["rundock:hosts"].find(
  ({ name }) => name === HOST,
) as LabHost;
const stack = new PulumiStack(PROGRAM);
const folder = mkdtempSync(join(tmpdir(), "rundock-images-"));

interface Service {
  readonly image: string;
  readonly [argument: string]: unknown;
}

const registry: Service = {
  image: `${labConfiguration().config["rundock:registry"]}/registry:1`,
  env: {
    REGISTRY_AUTH: "htpasswd",
    REGISTRY_AUTH_HTPASSWD_REALM: "the lab",
    REGISTRY_AUTH_HTPASSWD_PATH: "/run/htpasswd",
  },
  files: { "/run/htpasswd": HTPASSWD },
  ports: [`${PRIVATE}:5000`],
  ready: { http: "/v2/", port: 5000, status: "401" },
};

const encoded = (text: string) => Buffer.from(text).toString("base64");
const login = (password = PASSWORD) => ({ username: "deploy", password: encoded(password) });
const logins = (password = PASSWORD) => [{ server: PRIVATE, ...login(password) }];

function declare(declared: { services?: Record<string, Service>; [property: string]: unknown } = {}): void {
  const { services, ...rest } = declared;
  stack.configure({
    "rundock:sshKey": labConfiguration().config["rundock:sshKey"],
    "e2e:declared": {
      host: { name: HOST, address, hostKey, privateAddress },
      jump: labConnection(HOST).jump,
      ...rest,
      services: { registry, ...services },
    },
  });
}

const web = (image: string): Service => ({ image, ready: { http: "/", port: 8080 }, ports: ["8080"] });
const privateWeb = (password = PASSWORD) => ({
  pinned: { web: { image: `${PRIVATE}/web:1`, viaHost: true, login: login(password) } },
  services: { web: web("pinned/web") },
});

/** What the container's web server says of itself. */
function pageOf(name: string): string {
  return onHost(HOST, "docker", "exec", name, "cat", "/www/index.html");
}

function onShell(script: string, ...words: string[]): string {
  return onHost(HOST, "sh", "-euc", script, "sh", ...words);
}

/** Puts one of the lab's images into the private registry as web:1, and leaves nothing of it on the host. */
function pushAsWeb1(image: string): void {
  onShell(
    `docker pull --quiet "$1"; docker tag "$1" "$2"; echo "$3" | docker --config /tmp/e2e-docker login --username deploy --password-stdin "$4"
    docker --config /tmp/e2e-docker push --quiet "$2"; docker rmi "$1" "$2"; rm -rf /tmp/e2e-docker`,
    image,
    `${PRIVATE}/web:1`,
    PASSWORD,
    PRIVATE,
  );
}

/** Saves one of the lab's images under the name web:1, and leaves nothing of it on the host. */
function saveAsWeb1(image: string, file: string): string {
  onHost(HOST, "docker", "pull", "--quiet", image);
  onHost(HOST, "docker", "tag", image, "web:1");
  const path = join(folder, file);
  const output = openSync(path, "w");
  const words = ["exec", HOST, "docker", "save", "web:1"];
  const environment = { ...process.env, RUNDOCK_LAB: LAB };
  spawnSync(`${ROOT}/test/lab/lab`, words, { stdio: ["ignore", output, "inherit"], env: environment });
  closeSync(output);
  onHost(HOST, "docker", "rmi", "web:1", image);
  return path;
}

function imagesNamed(name: string): string[] {
  return onHost(HOST, "docker", "images", "--format={{.Repository}}:{{.Tag}}", name)
    .split("\n")
    .filter(Boolean);
}

before(async () => {
  await stack.create();
  declare();
  await stack.succeed("up");
  pushAsWeb1(labImage("web"));
});

after(async () => {
  tryOnHost(HOST, "docker", "rm", "--force", "e2e-foreign");
  await stack.remove();
  // By ID, since what was pulled by digest has no tag to remove it by.
  onShell(
    `docker images --quiet --filter "reference=archive.invalid/*" --filter "reference=$1/*" --filter "reference=$2" |
    sort -u | xargs --no-run-if-empty docker rmi --force`,
    PRIVATE,
    registry.image,
  );
  rmSync(folder, { recursive: true });
});

test("a tag is pinned from here and from the host, in a preview too, to the digest that Docker pulls", async () => {
  const reachable = lab("ip", "registry", "public").stdout.trim();
  declare({
    pinned: {
      here: { image: `${reachable}:5000/web:1`, insecure: true },
      there: { image: labImage("web"), insecure: true, viaHost: true },
    },
  });
  const preview = await stack.succeed("preview");
  const [digest] = /sha256:[0-9a-f]{64}/.exec(onHost(HOST, "docker", "pull", labImage("web"))) ?? [];
  assert.match(preview, new RegExp(`here *: "${reachable}:5000/web:1@${digest}"`));
  assert.match(preview, new RegExp(`there *: "${labImage("web")}@${digest}"`));
  onHost(HOST, "docker", "rmi", labImage("web"));
});

test("what cannot be pinned fails the preview with every reason, and shows no password", async () => {
  declare({
    pinned: {
      tag: { image: labImage("web").replace(":1", ":99"), insecure: true, viaHost: true },
      nobody: { image: `${PRIVATE}/web:1`, viaHost: true },
      wrong: { image: `${PRIVATE}/web:1`, viaHost: true, login: login(WRONG) },
      closed: { image: "127.0.0.1:5999/web:1", viaHost: true },
    },
  });
  const { code, output } = await stack.run("preview");
  assert.notEqual(code, 0);
  assert.match(
    output,
    /back-2: registry\.lab:5000: could not resolve image .*web:99: registry\.lab:5000 has no tag 99/,
  );
  assert.match(output, /could not resolve image 127\.0\.0\.1:5001\/web:1: it wants a login/);
  assert.match(output, /could not resolve image 127\.0\.0\.1:5001\/web:1: it refuses the login of "deploy"/);
  assert.match(
    output,
    /could not resolve image 127\.0\.0\.1:5999\/web:1: 127\.0\.0\.1:5999 cannot be reached/,
  );
  assert.ok(!output.includes(WRONG) && !/^ +at /m.test(output), "neither the password nor a stack is shown");
});

test("a host without the right login cannot pull a private image, and says so without the password", async () => {
  declare({ ...privateWeb(), logins: logins(WRONG) });
  const { code, output } = await stack.run("up");
  assert.notEqual(code, 0);
  assert.match(output, /back-2: web: could not pull image 127\.0\.0\.1:5001\/web:1@sha256:/);
  assert.ok(![WRONG, PASSWORD, encoded(`deploy:${WRONG}`)].some((secret) => output.includes(secret)));
});

test("another password is a visible change of the host, and pulls the private image", async () => {
  declare({ ...privateWeb(), logins: logins() });
  const diff = await stack.succeed("up", "--diff");
  assert.match(diff, /^ *- 127\.0\.0\.1:5001 deploy [0-9a-f]{16}$/m);
  assert.match(diff, /^ *\+ 127\.0\.0\.1:5001 deploy [0-9a-f]{16}$/m);
  assert.match(pageOf("web"), /^web 1 on/);
  assert.match(onHost(HOST, "docker", "inspect", "--format={{.Config.Image}}", "web"), /\/web:1@sha256:/);
  await stack.succeed("up", "--expect-no-changes");
});

test("the login is on the host for root only, and is nowhere in plain text in the state", async () => {
  const file = "/etc/rundock/docker/config.json";
  assert.equal(onHost(HOST, "stat", "--format=%a %U", file).trim(), "600 root");
  assert.ok(onHost(HOST, "cat", file).includes(encoded(`deploy:${PASSWORD}`)));
  const state = await stack.succeed("stack", "export");
  assert.ok(state.includes("docker/logins"));
  assert.ok(![PASSWORD, encoded(`deploy:${PASSWORD}`)].some((secret) => state.includes(secret)));
  assert.ok(!onShell("grep -rl -e correct-horse /etc/rundock /etc/sv /usr/local/lib/rundock || true").trim());
});

test("a tag that moves is a line of the preview; a login that a hand took away is put back", async () => {
  pushAsWeb1(labImage("web").replace(":1", ":2"));
  onHost(HOST, "rm", "/etc/rundock/docker/config.json");
  const preview = await stack.succeed("preview", "--diff");
  assert.match(preview, /^ *- 127\.0\.0\.1:5001\/web:1@sha256:[0-9a-f]{64}$/m);
  assert.match(preview, /^ *\+ 127\.0\.0\.1:5001\/web:1@sha256:[0-9a-f]{64}$/m);
  await stack.succeed("up", "--refresh");
  assert.match(pageOf("web"), /^web 2 on/);
  const state = await stack.succeed("stack", "export");
  assert.ok(!state.includes(encoded(`deploy:${PASSWORD}`)), "a refresh keeps it a secret");
});

test("an image comes from an archive: the preview names it, and logins that are not declared are gone", async () => {
  const path = saveAsWeb1(labImage("web"), "one.tar");
  declare({ archives: { web: relative(PROGRAM, path) }, services: { web: web("archive/web") } });
  const preview = await stack.succeed("preview", "--diff");
  const [image = ""] = /archive\.invalid\/web:1-[0-9a-f]{12}/.exec(preview) ?? [];
  assert.match(preview, new RegExp(`^ *\\+ ${image}$`, "m"));
  await stack.succeed("up");
  assert.match(pageOf("web"), /^web 1 on/);
  assert.deepEqual(imagesNamed("archive.invalid/web"), [image]);
  assert.equal(tryOnHost(HOST, "test", "-e", "/etc/rundock/docker").status, 1);
});

test("an archive of another image replaces the service and then the image; gzip does as well", async () => {
  const [old] = imagesNamed("archive.invalid/web");
  const path = saveAsWeb1(labImage("web").replace(":1", ":2"), "two.tar");
  assert.equal(spawnSync("gzip", ["-1", path]).status, 0);
  declare({ archives: { web: `${path}.gz` }, services: { web: web("archive/web") } });
  await stack.succeed("up");
  assert.match(pageOf("web"), /^web 2 on/);
  const images = imagesNamed("archive.invalid/web");
  assert.equal(images.length, 1);
  assert.notEqual(images[0], old);
});

test("an archive that breaks off or holds another image than it says fails with the reason", async () => {
  const pool = labPool();
  const path = join(folder, "broken.tar");
  writeFileSync(path, readFileSync(join(folder, "one.tar")).subarray(0, 1_000_000));
  const request = {
    host: HOST,
    reference: "web:1",
    image: "archive.invalid/web:broken",
    ids: [`sha256:${"0".repeat(64)}`],
  };
  try {
    const session = await pool.session(labConnection(HOST));
    await assert.rejects(
      loadImage(session, { ...request, path }),
      /back-2: could not load image web:1: .*unexpected EOF/,
    );
    await assert.rejects(
      loadImage(session, { ...request, path: join(folder, "one.tar") }),
      /back-2: could not load image web:1: the archive holds another image than it says/,
    );
  } finally {
    await pool.close();
  }
});

test("an image that is gone from the host is loaded again; one that a container uses outlives its resource", async () => {
  const [image = ""] = imagesNamed("archive.invalid/web");
  // The container uses it, and no pulled image has the same content any more.
  onHost(HOST, "docker", "rmi", "--force", image);
  assert.match(await stack.succeed("up", "--refresh"), /\+ 1 created\n +4 unchanged/);
  assert.deepEqual(imagesNamed("archive.invalid/web"), [image]);
  onHost(HOST, "docker", "create", "--name=e2e-foreign", image);
  declare();
  assert.match(await stack.succeed("up"), new RegExp(`image ${image} stays: e2e-foreign uses it`));
  assert.deepEqual(imagesNamed("archive.invalid/web"), [image]);
});
