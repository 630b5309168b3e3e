import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import type { ServiceState } from "../../providers/plan/service-state.ts";
import { packTar } from "../../providers/remote/tar.ts";
import { serviceArchive } from "../../providers/service-archive.ts";
import { checkService } from "../../providers/service-check.ts";
import { LAB, onHost, ROOT } from "./lab-environment.ts";
import { labHost, labImage, ServicesStack } from "./services-stack.ts";

const WALK = ["service-containers.sh", "kill-points/walk.sh"]
  .map((file) => readFileSync(new URL(file, import.meta.url), "utf8"))
  .join("");
const HOSTS = ["front-1", "front-2", "back-1", "back-2", "back-3"];
/** Installs the scripts. */
const stack = new ServicesStack(HOSTS);

const config = (text: string) => ({
  directory: "/etc/app",
  files: { text },
  check: ["true"],
  reload: { signal: "WINCH" },
});

/** Kind -> its host, and what differs between the two versions of a service, which take turns. */
const KINDS: Readonly<Record<string, readonly [host: string, a?: object, b?: object]>> = {
  "start-first": ["front-1", { env: { VERSION: "1" } }, { env: { VERSION: "2" } }],
  "stop-first": [
    "front-2",
    { env: { VERSION: "1" }, ports: ["18080:8080"] },
    { env: { VERSION: "2" }, ports: ["18080:8080"] },
  ],
  reload: ["front-2", { config: config("1") }, { config: config("2") }],
  maintenance: ["front-1", {}, { maintenance: true }],
  snapshot: ["front-2"],
  create: ["back-3", {}, {}],
  install: ["back-3"],
  disable: ["back-3", {}, {}],
  remove: ["back-3", {}, {}],
  adopt: ["back-1", {}],
  "adopt-changed": ["back-2", { env: { VERSION: "2" }, update: { drain: 0, monitor: 0, stopTimeout: 0 } }],
};

before(async () => {
  await stack.create();
  stack.declare({});
  await stack.succeed("up");
});

after(() => stack.remove());

/** Writes what apply.sh gets for one version of the service. */
async function writeVersion(host: string, folder: string, version: string, args: object): Promise<void> {
  const name = folder.split("/").at(-1);
  const facts = { name: host, privateAddress: labHost(host).privateAddress };
  const given = { host: facts, name, image: labImage("web"), ready: { tcp: 8080 }, connection: {}, ...args };
  const { inputs } = await checkService({}, given as never);
  const wanted = inputs as ServiceState;
  const archive = (await packTar(serviceArchive(wanted))).toString("base64");
  const write = 'echo "$3" | base64 -d >"$1/$2.tar"; echo "$4" >"$1/$2.release"';
  onHost(host, "sh", "-c", write, "sh", folder, version, archive, wanted.release);
}

/** What sets up what is adopted. */
function writeOrigin(host: string, folder: string): void {
  const script = readFileSync(new URL("adopt/origin-host.sh", import.meta.url), "utf8");
  const write = 'echo "$2" >"$1/origin-host.sh"; echo "$3" >"$1/image"';
  onHost(host, "sh", "-c", write, "sh", folder, script, labImage("web"));
}

async function walk(host: string, folder: string, name: string, kind: string): Promise<string> {
  const words = ["exec", host, "sh", "-c", WALK, "sh", name, folder, kind];
  const child = spawn(`${ROOT}/test/lab/lab`, words, {
    cwd: ROOT,
    env: { ...process.env, RUNDOCK_LAB: LAB },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  const keep = (chunk: Buffer) => {
    output += chunk;
  };
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  await new Promise((resolve) => child.on("close", resolve));
  return output;
}

test("a script may be killed at any of its commands", { concurrency: true }, async (context) => {
  const hosts = new Map<string, Promise<unknown>>();
  for (const [kind, [host, a, b]] of Object.entries(KINDS)) {
    const name = `kill-${kind}`;
    const folder = `/tmp/${name}`;
    const walked = (hosts.get(host) ?? Promise.resolve()).then(async () => {
      onHost(host, "mkdir", "-p", folder);
      if (a) await writeVersion(host, folder, "a", a);
      if (b) await writeVersion(host, folder, "b", b);
      if (kind.startsWith("adopt")) writeOrigin(host, folder);
      return walk(host, folder, name, kind);
    });
    hosts.set(host, walked);
    context.test(kind, async () => {
      const output = await walked;
      assert.match(output, new RegExp(`^${name}: \\d+ steps, \\d+ completions$`, "m"), output);
      assert.doesNotMatch(output, /: step \d+: /);
      console.log(output.trim());
      onHost(host, "rm", "-r", folder);
    });
  }
});
