import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { type TestContext, test } from "node:test";
import { diff as diffHost } from "../../providers/host-provider.ts";
import { describeEffect } from "../../providers/plan/service-effect.ts";
import type { ServiceState } from "../../providers/plan/service-state.ts";
import { RemoteError } from "../../providers/remote/errors.ts";
import { renderHost } from "../../providers/render/host.ts";
import { loginMarks } from "../../providers/render/registry-logins.ts";
import { renderService } from "../../providers/render/service.ts";
import { Rollout } from "../../providers/rollout.ts";
import { storedConnection } from "../../providers/spec/connection.ts";
import { parseService } from "../../providers/spec/parse-service.ts";
import { SpecError } from "../../providers/spec/spec-error.ts";
import { serviceState } from "../providers/plan/service-state.ts";
import { guides, withinGuides } from "./guides.ts";
import { type Block, blocksOf, isPrinted, pages, ROOT } from "./pages.ts";

const followed = [...guides, ...Object.values(withinGuides).flat()].map(({ path }) => path);
const HOST = { name: "back-1", privateAddress: "10.0.0.21", domain: "s.prod.example.com" };
const WEB = { host: HOST, name: "web", image: "web:1", announce: { port: 8080 } };

/** Page -> for each block that shows what is printed elsewhere, drawn or written by a person: what it should be. */
const SHOWN: Readonly<
  Record<string, readonly ((block: Block, context: TestContext) => void | Promise<void>)[]>
> = {
  "docs/developing.md": [namesFolders],
  "docs/errors.md": [isShapeOfErrors, isWhatWrongArgumentsGive],
  "docs/fleets.md": [isEffectOfFleet, isErrorOfHaltedFleet],
  "docs/frontends.md": [isDelegation],
  "docs/how-it-works.md": [namesPlacesOnHost, isRecord],
  "docs/images.md": [isPinnedImage, isLoginMark],
  "docs/maintenance.md": [isEffectOfMaintenance],
  "docs/ssh.md": [isSudoersLine],
};

const shown = pages
  .filter(({ path }) => path !== "docs/reference.md") // written from the sources
  .flatMap((page) => blocksOf(page).map((block) => ({ path: page.path, block })))
  .filter(({ path, block }) => block.language === "" && !(followed.includes(path) && isPrinted(block)));

test("whatever a page shows and no command prints is looked at here", () => {
  const counted = Object.entries(SHOWN).flatMap(([path, checks]) => checks.map(() => path));
  assert.deepEqual(shown.map(({ path }) => path).sort(), counted.sort());
});

for (const [path, checks] of Object.entries(SHOWN)) {
  const blocks = shown.filter((each) => each.path === path).map(({ block }) => block);
  for (const [index, check] of checks.entries()) {
    const block = blocks[index] as Block;
    test(`${block?.place ?? path} shows what is so`, (context) => check(block, context));
  }
}

function namesFolders({ text }: Block): void {
  const named = text.split("\n").flatMap((line) => line.split(/ {2,}/)[0]?.split(", ") ?? []);
  assert.deepEqual(
    named.filter((name) => globSync(name, { cwd: ROOT }).length === 0),
    [],
  );
}

function isShapeOfErrors({ text }: Block): void {
  const { message } = new RemoteError("HOST: SERVICE", {
    verb: "VERB",
    object: "OBJECT",
    cause: "CAUSE",
    probe: "…",
    log: ["…"],
    advice: "what to do",
  });
  assert.equal(text, message);
}

function isWhatWrongArgumentsGive({ text }: Block): void {
  const wrong = { ...WEB, env: { GREETING: "two\nlines" }, announce: { port: 0 }, args: ["--name=other"] };
  assert.throws(
    () => parseService(wrong),
    (error) => {
      assert.ok(error instanceof SpecError);
      assert.deepEqual(error.message.split("\n").sort(), text.split("\n").sort());
      return true;
    },
  );
}

function treeOf(changes: object): ServiceState["tree"] {
  const { tree } = renderService(parseService({ ...WEB, ...changes }));
  return Object.fromEntries(Object.entries(tree).map(([path, { content }]) => [path, content]));
}

/** As Pulumi keeps it. */
const STATE = serviceState({
  tree: treeOf({}),
  rollout: { fleet: "web", maxParallel: 2, canary: 1, pause: 0 },
});

function isEffectOfFleet({ text }: Block): void {
  const wanted = { ...STATE, release: "r2", tree: treeOf({ env: { COLOUR: "green" } }) };
  assert.equal(text, describeEffect(STATE, wanted));
}

async function isErrorOfHaltedFleet({ text }: Block): Promise<void> {
  const rollout = new Rollout({ name: "fleet web", canary: 1, maxParallel: 1, pause: 0, rollsBack: false });
  const runs = [
    rollout.run("back-2", async () => {}),
    rollout.run("back-1", () => Promise.reject(new Error("broken"))),
    ...["back-3", "back-4"].map((member) => rollout.run(member, async () => {})),
  ];
  const [, , refused] = (await Promise.allSettled(runs)) as PromiseRejectedResult[];
  assert.equal(text, `back-3: web: could not begin the update: ${refused?.reason.message}`);
}

/** In the zone above: the names under which CoreDNS is announced on the frontends. */
function isDelegation({ text }: Block): void {
  const zone = "www.example.com";
  const frontends = Object.entries({ "front-1": "203.0.113.11", "front-2": "203.0.113.12" });
  const servers = frontends.map(([name, publicAddress]) => {
    const announce = { port: 53, as: "public", domain: zone, name: "ns", aliases: ["ns.dns"] };
    const tree = treeOf({ host: { ...HOST, name, publicAddress }, name: "coredns", announce });
    const [key = ""] = JSON.parse(tree["current/announce"] as string).aliases;
    return [`${key.split("/").slice(2).reverse().join(".")}.`, publicAddress] as const;
  });
  assert.deepEqual(
    text.split("\n").map((line) => line.split(/ +/)),
    [
      ...servers.map(([server]) => [`${zone}.`, "NS", server]),
      ...servers.map(([server, address]) => [server, "A", address]),
    ],
  );
}

function namesPlacesOnHost({ text }: Block): void {
  const scripts = globSync("providers/on-host/*.sh", { cwd: ROOT }).map(read).join("");
  const [lib, etc = "", docker, service = "", ...rest] = text
    .split("\n")
    .map((line) => line.split(/ {2,}/)[0] ?? "");
  for (const folder of [lib, "/etc/rundock/", "/etc/sv/", "/etc/service/"])
    assert.ok(scripts.includes(`:-${folder?.replace(/\/$/, "")}}`), folder);
  assert.deepEqual(etc.replace("/etc/rundock/", "").split(", ").sort(), Object.keys(hostFiles()).sort());
  assert.equal(docker, "/etc/rundock/docker/");
  const [, first = "", ...files] = service.match(/[^ ]+/g)?.flatMap((word) => word.split("NAME/")) ?? [];
  for (const file of [first, ...files]) assert.ok(file in STATE.tree, file);
  assert.deepEqual(rest, [
    "/etc/sv/NAME/releases/HASH/",
    "/etc/sv/NAME/releases/current -> HASH",
    "/etc/sv/NAME/releases/HASH/private/",
    "/etc/service/NAME -> /etc/sv/NAME",
  ]);
}

function hostFiles(): Record<string, string> {
  return renderHost(
    { name: "back-1", etcd: [], etcdAccess: null, maintenance: false, registries: [] } as never,
    "salt",
  );
}

function isRecord({ text }: Block): void {
  const tree = treeOf({ name: "influxdb", announce: { port: 8086, publish: 8086 } });
  const { key, address, port, ttl } = JSON.parse(tree["current/announce"] as string);
  assert.equal(
    text.replace(/ +/, " "),
    `${key} ${JSON.stringify({ host: address, port, ttl }).replace("}", ",…}")}`,
  );
}

function isPinnedImage({ text }: Block): void {
  const digests = ["38ea743d", "41f14f07"].map((start) => `sha256:${start.padEnd(64, "0")}`);
  const lines = digests.map(
    (digest) => treeOf({ image: `registry.example.com/web:1@${digest}` })["current/image"],
  );
  assert.deepEqual(text.replaceAll("…", "0".repeat(56)).split("\n"), [
    `- ${lines[0]?.trim()}`,
    `+ ${lines[1]?.trim()}`,
  ]);
}

function isLoginMark({ text }: Block): void {
  const lines = ["old", "new"].map((password) =>
    loginMarks([{ server: "registry.example.com:5000", username: "deploy", password }], "salt").trim(),
  );
  const withoutHash = (line: string) => line.replace(/[0-9a-f]{16}$/, "HASH");
  assert.deepEqual(text.split("\n").map(withoutHash), [`- ${lines[0]}`, `+ ${lines[1]}`].map(withoutHash));
}

async function isEffectOfMaintenance({ text }: Block, context: TestContext): Promise<void> {
  const told = context.mock.method(console, "log", () => {});
  const connection = storedConnection(STATE.connection);
  const host = { ...connection, name: "back-2", connection, files: {}, scripts: {} };
  await diffHost("back-2", host as never, { ...host, maintenance: true } as never);
  const old = { ...STATE, host: "back-2", rollout: undefined } as unknown as ServiceState;
  const wanted = { ...old, tree: treeOf({ maintenance: true }) };
  assert.equal(
    text,
    [describeEffect(old, wanted), ...told.mock.calls.map(({ arguments: [line] }) => line)].join("\n"),
  );
}

/** With which the tests of logins are made. */
function isSudoersLine({ text }: Block): void {
  assert.ok(read("test/e2e/ssh-servers.sh").includes(`echo '${text}' >/etc/sudoers.d/`));
}

function read(path: string): string {
  return readFileSync(`${ROOT}/${path}`, "utf8");
}
