import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { AttemptError } from "../../../providers/remote/attempt-error.ts";
import { credentialsFrom } from "../../../providers/remote/credentials.ts";
import { loginWith } from "../../../providers/remote/login.ts";

const folder = mkdtempSync(join(tmpdir(), "rundock-login-"));
const PASSPHRASE = "correct horse";

before(() => {
  newKey("plain", "", "-t", "ed25519");
  newKey("encrypted", PASSPHRASE, "-t", "ed25519");
  newKey("encrypted-pem", PASSPHRASE, "-t", "rsa", "-b", "1024", "-m", "PEM");
});
after(() => rmSync(folder, { recursive: true }));

function newKey(name: string, passphrase: string, ...words: string[]): void {
  execFileSync("ssh-keygen", ["-q", "-N", passphrase, "-f", join(folder, name), ...words]);
}

function key(name: string): string {
  return readFileSync(join(folder, name), "utf8");
}

function refused(pattern: RegExp) {
  return (error: unknown) => {
    assert.ok(error instanceof AttemptError, String(error));
    const { cause, advice } = error.failure;
    assert.match([cause, ...advice].join("\n"), pattern);
    return true;
  };
}

test("the configuration's key goes before its file, and both before the agent", () => {
  const path = join(folder, "plain");
  const all = { privateKey: "text", privateKeyFile: path, agent: "/run/agent" };
  assert.deepEqual(loginWith(all), { from: "the key in rundock:sshKey", privateKey: "text" });
  assert.deepEqual(loginWith({ ...all, privateKey: undefined } as never), {
    from: `the key in ${path}`,
    privateKey: key("plain"),
  });
  assert.deepEqual(loginWith({ agent: "/run/agent" }), {
    from: "the SSH agent at /run/agent",
    agent: "/run/agent",
  });
});

test("without a key and an agent it is told what to set", () => {
  assert.throws(() => loginWith({}), refused(/no key to log in with\n.*rundock:sshKey .*\n.*SSH_AUTH_SOCK/));
});

test("a file that is not there is told with its path and the setting that names it", () => {
  assert.throws(
    () => loginWith({ privateKeyFile: "~/no such key" }),
    refused(
      new RegExp(`ENOENT.*${homedir()}/no such key'\n.*rundock:sshKeyFile names ${homedir()}/no such key`),
    ),
  );
});

test("an encrypted key needs a passphrase, in each of the formats of ssh-keygen", () => {
  for (const name of ["encrypted", "encrypted-pem"]) {
    const privateKey = key(name);
    assert.throws(
      () => loginWith({ privateKey }),
      refused(/rundock:sshKey is encrypted, and there is no passphrase\n.*--secret rundock:sshKeyPassphrase/),
    );
    const login = loginWith({ privateKey, passphrase: PASSPHRASE });
    assert.deepEqual(login, { from: "the key in rundock:sshKey", privateKey, passphrase: PASSPHRASE });
  }
});

test("a passphrase that is set for nothing does no harm", () => {
  const privateKey = key("plain");
  assert.deepEqual(loginWith({ privateKey, passphrase: PASSPHRASE }), {
    from: "the key in rundock:sshKey",
    privateKey,
  });
});

test("every setting has its place, and one that is empty is none", (t) => {
  const agent = process.env.SSH_AUTH_SOCK;
  t.after(() => {
    if (agent === undefined) delete process.env.SSH_AUTH_SOCK;
    else process.env.SSH_AUTH_SOCK = agent;
  });
  process.env.SSH_AUTH_SOCK = "/run/agent";
  const names = ["sshKey", "sshKeyFile", "sshKeyPassphrase", "knownHosts"];
  const set = Object.fromEntries(names.map((name) => [`rundock:${name}`, name]));
  assert.deepEqual(
    credentialsFrom((name) => set[name]),
    {
      privateKey: "sshKey",
      privateKeyFile: "sshKeyFile",
      passphrase: "sshKeyPassphrase",
      agent: "/run/agent",
      knownHosts: "knownHosts",
    },
  );
  process.env.SSH_AUTH_SOCK = "";
  assert.deepEqual(
    credentialsFrom(() => ""),
    {},
  );
});
