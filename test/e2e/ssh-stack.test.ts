import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { labConfiguration, onHost, ROOT } from "./lab-environment.ts";
import { PulumiStack } from "./pulumi-stack.ts";
import { labHost, labImage } from "./services-stack.ts";

const HOST = "back-3";
const SERVERS = readFileSync(new URL("ssh-servers.sh", import.meta.url), "utf8");
const folder = mkdtempSync(join(tmpdir(), "rundock-ssh-stack-"));
const knownHosts = join(folder, "known_hosts");
const stack = new PulumiStack(`${ROOT}/test/e2e/program`);
const { roles: _, ...jump } = labHost("front-1");
const { address, hostKey, privateAddress } = labHost(HOST);

before(async () => {
  onHost(HOST, "sh", "-c", SERVERS, "sh", "up");
  writeFileSync(knownHosts, `${address} ${hostKey}\n`);
  await stack.create();
});

after(async () => {
  declare();
  await stack.remove();
  onHost(HOST, "sh", "-c", SERVERS, "sh", "down");
  rmSync(folder, { recursive: true });
});

/** The host behind its jump host, without a pinned key, by a login that is not root. */
function declare(settings: Record<string, unknown> = {}): void {
  const file = join(folder, "declared.json");
  const hosts = [jump, { name: HOST, address, privateAddress, user: "deploy", jump: "front-1" }];
  const services = { web: { host: HOST, image: labImage("web"), ready: { tcp: 8080 }, network: "host" } };
  writeFileSync(file, JSON.stringify({ hosts, services, fleets: {} }));
  stack.configure({
    "rundock:sshKey": labConfiguration().config["rundock:sshKey"],
    "rundock:knownHosts": knownHosts,
    "e2e:file": file,
    ...settings,
  });
}

test("a key that is missing is told in words, and nothing is done", async () => {
  declare({ "rundock:sshKey": undefined, "rundock:sshKeyFile": join(folder, "no-key") });
  const { code, output } = await stack.run("up");
  assert.notEqual(code, 0);
  // Pulumi begins with either, and with no other one when that has failed.
  assert.match(
    output,
    /(front-1|back-3) \(.*\): could not connect over SSH: the key cannot be read: ENOENT.*no-key'\n.*rundock:sshKeyFile names/,
  );
  assert.doesNotMatch(output, /\n\s+at .*\.[jt]s:\d+/, "a stack trace is no help");
});

test("a host that is known by known_hosts, behind a jump host, is worked on by a login with sudo", async () => {
  declare();
  await stack.succeed("up");
  assert.equal(onHost(HOST, "docker", "inspect", "--format", "{{.State.Running}}", "web").trim(), "true");
  await stack.succeed("up", "--refresh", "--expect-no-changes");
});

test("a host that is no longer known is refused by refresh and by destroy, and its state stays", async () => {
  writeFileSync(knownHosts, "");
  declare();
  const refreshed = await stack.succeed("refresh");
  assert.match(
    refreshed,
    /back-3: web: not refreshed: back-3 \(deploy@[\d.]+:22, through front-1\): could not verify the host key/,
  );
  const { code, output } = await stack.run("destroy");
  assert.notEqual(code, 0);
  assert.match(output, /no hostKey is pinned, and \S+known_hosts does not have/);
  writeFileSync(knownHosts, `${address} ${hostKey}\n`);
});
