import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { bootstrapCommand } from "../../providers/remote/bootstrap-command.ts";
import { runOnChannel } from "../../providers/remote/command-channel.ts";
import type { Pool } from "../../providers/remote/pool.ts";
import { BareMachine, NOTHING_TO_DO } from "./bare-machine.ts";
import { eventually } from "./eventually.ts";
import { labPool } from "./lab-connection.ts";
import { labConfiguration, ROOT } from "./lab-environment.ts";
import { LockedRegistry } from "./locked-registry.ts";
import { PulumiStack } from "./pulumi-stack.ts";
import { labImage } from "./services-stack.ts";

const REGISTRY = labConfiguration().config["rundock:registry"] as string;

const folder = mkdtempSync(join(tmpdir(), "rundock-bootstrap-"));
const stack = new PulumiStack(`${ROOT}/test/e2e/program`);
const locked = new LockedRegistry();
let machine: BareMachine;

before(async () => {
  await locked.open();
  machine = new BareMachine("bare-1");
});

after(() => {
  locked.close();
  machine.remove();
  rmSync(folder, { recursive: true });
});

/** What @pulumi/command does with the resource's arguments. */
async function bootstrap(user: string, pool: Pool = labPool()): Promise<string[]> {
  const { create, stdin } = bootstrapCommand(user, { insecureRegistries: [REGISTRY, locked.name] });
  const { name, address, hostKey } = machine;
  const session = await pool.session({ name, address, hostKey, port: 22, user });
  const command = { words: [], stdin: Buffer.from(stdin), deadlineSeconds: 400 };
  const result = await runOnChannel(session.ssh, create, command);
  await pool.close();
  assert.ok("code" in result, JSON.stringify(result));
  assert.equal(result.code, 0, `${result.stdout}${result.stderr}`);
  assert.equal(result.stderr, "");
  const [system, ...lines] = result.stdout.toString("utf8").trim().split("\n");
  assert.match(String(system), /^system: debian \d+, /);
  return lines;
}

function daemonJson(): unknown {
  return JSON.parse(machine.onConsole("cat /etc/docker/daemon.json"));
}

const LOGS = { "max-size": "10m", "max-file": "3" };

test("a machine that lost power in the middle of dpkg is completed by the next run, and the one after does nothing", async () => {
  const before = { "log-opts": { "max-size": "5m" }, "insecure-registries": ["old.lab:5000"], debug: false };
  machine.onConsole(`mkdir /etc/docker; echo '${JSON.stringify(before)}' >/etc/docker/daemon.json`);
  const doomed = labPool();
  const cutShort = bootstrap("root", doomed).catch((error: Error) => error);
  const halfDone = "dpkg-query -W -f '${db:Status-Status}\\n' | grep -Ex 'unpacked|half-.*' | head -n 1";
  await eventually("dpkg is at work", () => machine.onConsole(halfDone) !== "", 120);
  machine.cutPower();
  await doomed.close();
  assert.ok((await cutShort) instanceof Error);
  assert.notEqual(machine.onConsole(halfDone), "");

  const lines = await bootstrap("root");
  assert.equal(lines[0], "packages: completing an installation that was cut short");
  assert.equal(lines.at(-1), "ready");
  assert.deepEqual(daemonJson(), {
    ...before,
    "live-restore": true,
    "log-driver": "json-file",
    "log-opts": { ...LOGS, "max-size": "5m" },
    "insecure-registries": ["old.lab:5000", REGISTRY, locked.name],
  });
  machine.onConsole("touch /tmp/stamp");
  assert.deepEqual(await bootstrap("admin"), NOTHING_TO_DO);
  assert.equal(machine.filesSince("/tmp/stamp"), "");
});

test("it runs a service, pulled without TLS and by a login, which is there again after a power cut", async () => {
  const file = join(folder, "declared.json");
  const { username, password } = locked;
  const { name, address, hostKey } = machine;
  const host = { name, address, hostKey, privateAddress: address };
  const hosts = [{ ...host, registries: [{ server: locked.name, username, password }] }];
  const image = labImage("web").replace(REGISTRY, locked.name);
  const services = { web: { host: name, image, ready: { tcp: 8080 }, network: "host" } };
  writeFileSync(file, JSON.stringify({ hosts, services, fleets: {} }));
  await stack.create();
  stack.configure({ "rundock:sshKey": labConfiguration().config["rundock:sshKey"], "e2e:file": file });
  try {
    await stack.succeed("up");
    assert.equal(
      machine.onConsole("stat -c '%U %a' /etc/rundock/docker/config.json; ls /root/.docker 2>&1 || true"),
      "root 600\nls: cannot access '/root/.docker': No such file or directory\n",
    );
    machine.cutPower();
    const webState = "sv check web && docker inspect --format '{{.State.Running}}' web || true";
    await eventually("web is there again", () => /^ok: run.*\ntrue$/m.test(machine.onConsole(webState)), 60);
  } finally {
    await stack.remove();
  }
});
