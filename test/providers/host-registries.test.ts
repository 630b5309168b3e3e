import assert from "node:assert/strict";
import { test } from "node:test";
import type { HostArguments } from "../../providers/host-check.ts";
import { check, diff } from "../../providers/host-provider.ts";
import type { HostState } from "../../providers/host-state.ts";
import { UNKNOWN } from "../../providers/spec/unknown.ts";

const PASSWORD = "correct-horse-battery";
const HOST = {
  name: "back-1",
  connection: { address: "10.0.0.21", port: 22, user: "root", hostKey: "ssh-ed25519 AAAA" },
  privateAddress: "10.0.0.21",
};
const REGISTRIES = [
  { server: "registry.example.com:5000", username: "deploy" },
  { server: "docker.io", username: "acme" },
];

async function checked(args: HostArguments, olds: Partial<HostState> = {}): Promise<HostState> {
  const { inputs, failures } = await check(olds, args);
  assert.deepEqual(failures, undefined);
  return inputs as HostState;
}

async function failuresOf(args: HostArguments): Promise<string[]> {
  const { failures = [] } = await check({}, args);
  return failures.map(({ property, reason }) => `${property}: ${reason}`);
}

function withLogins(...passwords: string[]): HostArguments {
  return { ...HOST, registries: REGISTRIES, secrets: { passwords } };
}

test("a host without registries has the state that it always had", async () => {
  const { scripts, ...state } = await checked(HOST);
  assert.deepEqual(state, {
    name: "back-1",
    connection: HOST.connection,
    files: { host: "back-1\n", etcd: "" },
  });
  assert.ok(Object.keys(scripts).length > 0);
});

test("logins become docker's configuration, which is a secret; a keyed hash stands for each password", async () => {
  const state = await checked(withLogins(PASSWORD, "other"));
  const { secrets, ...plain } = state;
  const config = JSON.parse(secrets?.files["docker/config.json"] ?? "");
  const auth = (text: string) => ({ auth: Buffer.from(text).toString("base64") });
  assert.deepEqual(config, {
    auths: {
      "https://index.docker.io/v1/": auth("acme:other"),
      "registry.example.com:5000": auth(`deploy:${PASSWORD}`),
    },
  });
  const marks = /^docker\.io acme [0-9a-f]{16}\nregistry\.example\.com:5000 deploy [0-9a-f]{16}\n$/;
  assert.match(plain.files["docker/logins"] ?? "", marks);
  const readable = JSON.stringify(plain);
  for (const secret of [PASSWORD, auth(`deploy:${PASSWORD}`).auth, secrets?.salt ?? PASSWORD]) {
    assert.ok(!readable.includes(secret));
  }
});

test("the same logins change nothing, another password changes the host, and so do logins that go", async () => {
  const old = await checked(withLogins(PASSWORD, "other"));
  const same = await checked(withLogins(PASSWORD, "other"), old);
  const other = await checked(withLogins(PASSWORD, "another"), old);
  const none = await checked(HOST, old);
  assert.equal((await diff("back-1", old, same)).changes, false);
  assert.equal((await diff("back-1", old, other)).changes, true);
  assert.equal((await diff("back-1", old, none)).changes, true);
  const lines = ({ files }: HostState) => files["docker/logins"]?.split("\n") ?? [];
  assert.equal(lines(old)[1], lines(other)[1], "a login that stays has the same line");
  assert.notEqual(lines(old)[0], lines(other)[0]);
});

test("a password that is not known yet makes all that is computed from it unknown", async () => {
  const state = await checked({ ...HOST, registries: REGISTRIES, secrets: UNKNOWN });
  assert.equal(state.secrets, UNKNOWN);
  assert.deepEqual(state.files, { host: "back-1\n", etcd: "", "docker/logins": UNKNOWN });
});

test("what is wrong with a login is told with its path and without the password", async () => {
  const registries = [
    { server: "https://registry.example.com", username: "a:b" },
    { server: "docker.io", username: "acme" },
    { server: "docker.io", username: "" },
  ];
  const failures = await failuresOf({
    ...HOST,
    registries,
    secrets: { passwords: ["", `${PASSWORD}\n`, "x"] },
  });
  assert.deepEqual(failures.map((failure) => failure.split(":")[0]).sort(), [
    "registries[0].password",
    "registries[0].server",
    "registries[0].username",
    "registries[1].password",
    "registries[2].server",
    "registries[2].username",
  ]);
  assert.ok(!failures.join().includes(PASSWORD));
  const twice = [REGISTRIES[0], REGISTRIES[0]];
  assert.deepEqual(await failuresOf({ ...HOST, registries: twice, secrets: { passwords: ["x", "y"] } }), [
    "registries[1].server: should be there only once",
  ]);
});
