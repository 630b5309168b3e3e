import assert from "node:assert/strict";
import { test } from "node:test";
import type { HostArguments } from "../../providers/host-check.ts";
import { check, diff } from "../../providers/host-provider.ts";
import type { HostState } from "../../providers/host-state.ts";
import { UNKNOWN } from "../../providers/spec/unknown.ts";

const pem = (kind: string, text: string) => `-----BEGIN ${kind}-----\n${text}\n-----END ${kind}-----\n`;
const CA = pem("CERTIFICATE", "Y2E=");
const CERTIFICATE = pem("CERTIFICATE", "Y2VydA==");
const KEY = pem("PRIVATE KEY", "a2V5LWtleS1rZXk=");
const PASSWORD = "correct-horse-battery";
const HOST = {
  name: "back-1",
  connection: { address: "10.0.0.21", port: 22, user: "root", hostKey: "ssh-ed25519 AAAA" },
  privateAddress: "10.0.0.21",
  etcd: ["https://10.0.0.21:2379"],
};
const SECURE = {
  ...HOST,
  etcdAccess: { ca: CA, certificate: CERTIFICATE, username: "announcer" },
  secrets: { etcd: { key: KEY, password: PASSWORD } },
};

async function checked(args: HostArguments, olds: Partial<HostState> = {}): Promise<HostState> {
  const { inputs, failures } = await check(olds, args);
  assert.deepEqual(failures, undefined);
  return inputs as HostState;
}

test("a plain etcd leaves the state that it always left", async () => {
  const { scripts: _, ...state } = await checked(HOST);
  const files = { host: "back-1\n", etcd: "https://10.0.0.21:2379\n" };
  assert.deepEqual(state, { name: "back-1", connection: HOST.connection, files });
});

test("certificates are plain files, and the key and the login secret ones that a keyed hash stands for", async () => {
  const { secrets, ...plain } = await checked(SECURE);
  assert.deepEqual(secrets?.files, {
    "etcd-key.pem": KEY,
    "etcd-login": JSON.stringify({ name: "announcer", password: PASSWORD }),
  });
  const { "etcd-secrets": marks, ...files } = plain.files;
  assert.deepEqual(files, {
    host: "back-1\n",
    etcd: "https://10.0.0.21:2379\n",
    "etcd.curl":
      "cacert = /etc/rundock/etcd-ca.pem\ncert = /etc/rundock/etcd-certificate.pem\nkey = /etc/rundock/etcd-key.pem\n",
    "etcd-ca.pem": CA,
    "etcd-certificate.pem": CERTIFICATE,
  });
  assert.match(marks ?? "", /^key [0-9a-f]{16}\nlogin announcer [0-9a-f]{16}\n$/);
  for (const secret of [PASSWORD, "a2V5", secrets?.salt as string]) {
    assert.ok(!JSON.stringify(plain).includes(secret));
  }
});

test("the same changes nothing, another password changes the host", async () => {
  const old = await checked(SECURE);
  const other = { ...SECURE, secrets: { etcd: { key: KEY, password: "another" } } };
  assert.equal((await diff("", old, await checked(SECURE, old))).changes, false);
  assert.equal((await diff("", old, await checked(other, old))).changes, true);
  assert.equal((await diff("", old, await checked(HOST, old))).changes, true);
});

test("while nothing of it is made yet, the preview knows the rest", async () => {
  const etcdAccess = { ca: UNKNOWN, certificate: UNKNOWN, username: "announcer" };
  const { files, secrets } = await checked({ ...HOST, etcdAccess, secrets: UNKNOWN });
  assert.equal(secrets, UNKNOWN);
  assert.equal(files["etcd-secrets"], UNKNOWN);
  assert.match(files["etcd.curl"] ?? "", /^cacert/);
});

test("all that is wrong is told, with the path that the program wrote", async () => {
  const etcdAccess = { ca: "/etc/ca.pem", certificate: CERTIFICATE };
  const { failures = [] } = await check({}, { ...HOST, etcdAccess, secrets: { etcd: { password: "x" } } });
  const properties = failures.map(({ property }) => property).sort();
  assert.deepEqual(properties, ["etcd.ca", "etcd.key", "etcd.username"]);
});
