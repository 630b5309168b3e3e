import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { before, beforeEach, test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import * as rpc from "@pulumi/pulumi/runtime/rpc.js";
import { hostScripts } from "../../providers/remote/host-scripts.ts";
import type * as rundock from "../../providers/rundock.ts";

const KEY = "-----BEGIN PRIVATE KEY-----\ncorrect-horse\n-----END PRIVATE KEY-----\n";
const LOCKED_KEY = KEY.replaceAll("PRIVATE", "ENCRYPTED PRIVATE");
const SCRIPT = readFileSync(new URL("../../providers/on-host/bootstrap.sh", import.meta.url), "utf8");
const BACK = {
  address: "10.0.0.21",
  hostKey: "ssh-ed25519 AAAA",
  privateAddress: "10.0.0.21",
  bootstrap: true,
};
const FRONT = { address: "203.0.113.11", hostKey: "ssh-ed25519 BBBB", privateAddress: "10.0.0.11" };

interface Registered {
  readonly type: string;
  readonly name: string;
  readonly inputs: Record<string, unknown>;
}

const registered: Registered[] = [];
/** What the commands wait for. */
let release: Promise<void> = Promise.resolve();
let library: typeof rundock;

before(async () => {
  await pulumi.runtime.setMocks({
    newResource: async ({ type, name, inputs }) => {
      registered.push({ type, name, inputs });
      if (type === "command:remote:Command") await release;
      return { id: name, state: inputs };
    },
    call: () => ({}),
  });
  library = await import("../../providers/rundock.ts");
});

beforeEach(() => {
  registered.splice(0);
  delete process.env.SSH_AUTH_SOCK;
  configure({ "rundock:sshKey": KEY });
});

function configure(settings: Record<string, string>): void {
  pulumi.runtime.setAllConfig(settings, Object.keys(settings));
}

/** Makes the host and gives what its command was registered with. */
async function commandOf(args: object): Promise<Record<string, unknown>> {
  await registeredHost(args);
  const commands = registered.filter(({ type }) => type === "command:remote:Command");
  assert.deepEqual(
    commands.map(({ name }) => name),
    ["back-1-bootstrap"],
  );
  return commands[0]?.inputs as Record<string, unknown>;
}

function registeredHost(args: object): Promise<unknown> {
  const host = new library.Host("back-1", { ...BACK, ...args });
  return new Promise((resolve) => host.urn.apply(resolve));
}

function secret<T>(value: T): object {
  return { [rpc.specialSigKey]: rpc.specialSecretSig, value };
}

/** What the error says of the host, line by line. */
function refusal(args: object): string[] {
  let lines: string[] = [];
  assert.throws(
    () => new library.Host("back-1", { ...BACK, ...args }),
    (error: Error) => {
      assert.ok(pulumi.RunError.isInstance(error), String(error));
      lines = error.message.split("\n");
      return true;
    },
  );
  assert.deepEqual(registered, [], "nothing is registered");
  return lines;
}

test("the script goes on stdin of a root shell, over a connection that is secret as a whole", async () => {
  const { connection, ...rest } = await commandOf({});
  assert.deepEqual(rest, { create: "sh -s --", stdin: SCRIPT, addPreviousOutputInEnv: false });
  assert.deepEqual(
    connection,
    secret({
      host: "10.0.0.21",
      port: 22,
      user: "root",
      hostKey: "ssh-ed25519 AAAA",
      privateKey: KEY,
      dialErrorLimit: 3,
      perDialTimeout: 15,
    }),
  );
  assert.ok(
    !JSON.stringify(registered.map(({ inputs: { connection: _, ...open } }) => open)).includes(
      "correct-horse",
    ),
  );
});

test("a login that is not root becomes it by sudo; registries are words; passwords of registries are not there", async () => {
  const registries = [{ server: "registry.lab:5000", username: "acme", password: "hunter2" }];
  const bootstrap = { insecureRegistries: ["registry.lab:5000", "10.0.0.0/8"] };
  const { create } = await commandOf({ user: "deploy", bootstrap, registries });
  assert.equal(
    create,
    "sudo -n -- sh -s -- insecure-registry=registry.lab:5000 insecure-registry=10.0.0.0/8",
  );
  const [command] = registered;
  assert.ok(!JSON.stringify(command).includes("hunter2"));
});

test("a jump host is the proxy, with its own key pinned", async () => {
  configure({ "rundock:sshKey": LOCKED_KEY, "rundock:sshKeyPassphrase": "hush" });
  const jump = new library.Host("front-1", { ...FRONT, port: 2222 });
  const { connection } = (await commandOf({ jump })) as { connection: { value: Record<string, unknown> } };
  assert.deepEqual(connection.value.proxy, {
    host: "203.0.113.11",
    port: 2222,
    user: "root",
    hostKey: "ssh-ed25519 BBBB",
    privateKey: LOCKED_KEY,
    privateKeyPassword: "hush",
    dialErrorLimit: 3,
    perDialTimeout: 15,
  });
});

test("an agent is left to the command, since the name of its socket changes with each session", async () => {
  process.env.SSH_AUTH_SOCK = "/tmp/agent.1";
  configure({});
  const { connection } = (await commandOf({})) as { connection: { value: Record<string, unknown> } };
  const { host, hostKey, ...rest } = connection.value;
  assert.deepEqual(rest, { port: 22, user: "root", dialErrorLimit: 3, perDialTimeout: 15 });
});

test("the host waits for the command", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  release = promise;
  const host = registeredHost({});
  while (registered.length === 0) await new Promise(setImmediate);
  for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate);
  assert.deepEqual(
    registered.map(({ name }) => name),
    ["back-1-bootstrap"],
  );
  resolve();
  await host;
  assert.deepEqual(
    registered.map(({ name }) => name),
    ["back-1-bootstrap", "back-1"],
  );
});

test("a host without bootstrap has no command, and its resource does not know of one", async () => {
  await registeredHost({ bootstrap: false });
  const [host, ...others] = registered;
  assert.deepEqual(others, []);
  assert.ok(!("bootstrap" in (host?.inputs ?? {})));
});

test("what stands in the way is told all at once, with its path, before anything is registered", () => {
  const { hostKey: _, ...unpinned } = FRONT;
  const far = { name: "front-1", port: 22, user: "root", jump: { name: "gate" } };
  const jump = { connection: { ...far, ...unpinned } } as unknown as rundock.Host;
  const bootstrap = { insecureRegistries: ["registry.lab:5000", "$(reboot)"], registry: "x" };
  const paths = refusal({ hostKey: undefined, jump, bootstrap }).map((line) =>
    line.replace(/: should.*| is not.*/, ""),
  );
  assert.deepEqual(paths, [
    "back-1: bootstrap.registry:",
    "bootstrap.insecureRegistries[1]",
    "hostKey",
    "jump.hostKey",
    "jump.jump",
  ]);
  assert.match(
    refusal({ bootstrap: "yes" }).join(),
    /^back-1: bootstrap: should be true, false or settings$/,
  );
  assert.match(
    refusal({ hostKey: "ssh-rsa AAAA" }).join(),
    /^back-1: hostKey: should be of another type than ssh-rsa/,
  );
});

test("without a key to log in with, or with an agent that is gone, it says what to set", () => {
  configure({});
  assert.match(
    refusal({}).join("\n"),
    /^back-1 \(root@10\.0\.0\.21:22\): could not connect over SSH: there is no key to log in with\n {2}Set one:/,
  );
  configure({ "rundock:sshKey": KEY });
  process.env.SSH_AUTH_SOCK = "/nowhere/agent";
  assert.match(
    refusal({}).join("\n"),
    /could not bootstrap: SSH_AUTH_SOCK names \/nowhere\/agent, which is not there/,
  );
});

test("the script lies on no host", () => {
  assert.ok(!("bootstrap.sh" in hostScripts()));
});
