import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { bootstrapCommand } from "../../providers/remote/bootstrap-command.ts";
import { runOnChannel } from "../../providers/remote/command-channel.ts";
import type { Pool } from "../../providers/remote/pool.ts";
import { bareMachineGuide } from "../docs/guides.ts";
import { follow } from "../docs/lab/follow.ts";
import { GuideProject } from "../docs/lab/guide-project.ts";
import { blocksOf, isRun, readPage } from "../docs/pages.ts";
import { eventually } from "./eventually.ts";
import { labPool } from "./lab-connection.ts";
import { LAB, labConfiguration, ROOT } from "./lab-environment.ts";
import { LockedRegistry } from "./locked-registry.ts";
import { PulumiStack } from "./pulumi-stack.ts";
import { labImage } from "./services-stack.ts";

const BARE_HOSTS = fileURLToPath(new URL("bare-hosts.sh", import.meta.url));
const REGISTRY = labConfiguration().config["rundock:registry"] as string;
const PASSWORD = "correct-horse-battery";
const NOTHING_TO_DO = [
  "packages: nothing to do",
  "docker configuration: nothing to do",
  "docker: runs",
  "runit: runs",
  "ready: nothing was to do",
];

interface Machine {
  readonly name: string;
  readonly address: string;
  readonly hostKey: string;
  /** Spoken to without TLS. */
  readonly insecureRegistries: readonly string[];
}

const folder = mkdtempSync(join(tmpdir(), "rundock-bootstrap-"));
const stack = new PulumiStack(`${ROOT}/test/e2e/program`);
const reader = new GuideProject();
const locked = new LockedRegistry();
let withSystemd: Machine;
let withoutInit: Machine;

before(async () => {
  await locked.open();
  const machines = bareHosts("up").map((line): Machine => {
    const [name = "", address = "", ...hostKey] = line.split(" ");
    const insecureRegistries = name === "bare-1" ? [REGISTRY, locked.name] : [REGISTRY];
    return { name, address, hostKey: hostKey.join(" "), insecureRegistries };
  });
  [withSystemd, withoutInit] = machines as [Machine, Machine];
});

after(() => {
  locked.close();
  bareHosts("down");
  rmSync(folder, { recursive: true });
  reader.remove();
});

function bareHosts(...words: string[]): string[] {
  const env = { ...process.env, RUNDOCK_LAB: LAB };
  return execFileSync("sh", [BARE_HOSTS, ...words], { env, encoding: "utf8" })
    .trim()
    .split("\n");
}

/** Not by SSH: what a person sees on the console. */
function onConsole({ name }: Machine, script: string): string {
  const result = spawnSync("docker", ["exec", `rundock-${LAB}-${name}`, "sh", "-euc", script], {
    encoding: "utf8",
  });
  if (result.status !== 0) throw new Error(`${name}: ${script}: ${result.stdout}${result.stderr}`);
  return result.stdout;
}

/** What @pulumi/command does with the resource's arguments. */
async function bootstrap(machine: Machine, user: string, pool: Pool = labPool()): Promise<string[]> {
  const { create, stdin } = bootstrapCommand(user, machine);
  const session = await pool.session({ ...machine, port: 22, user });
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

/** The files that a second run could have touched. */
function filesSince(machine: Machine, stamp: string): string {
  return onConsole(
    machine,
    `find /etc /usr /lib /var/lib/dpkg /var/lib/apt /var/lib/systemd -newer ${stamp} | head`,
  );
}

function daemonJson(machine: Machine): unknown {
  return JSON.parse(onConsole(machine, "cat /etc/docker/daemon.json"));
}

const LOGS = { "max-size": "10m", "max-file": "3" };

test("a machine that lost power in the middle of dpkg is completed by the next run, and the one after does nothing", async () => {
  const before = { "log-opts": { "max-size": "5m" }, "insecure-registries": ["old.lab:5000"], debug: false };
  onConsole(withSystemd, `mkdir /etc/docker; echo '${JSON.stringify(before)}' >/etc/docker/daemon.json`);
  const doomed = labPool();
  const cutShort = bootstrap(withSystemd, "root", doomed).catch((error: Error) => error);
  const halfDone = "dpkg-query -W -f '${db:Status-Status}\\n' | grep -Ex 'unpacked|half-.*' | head -n 1";
  await eventually("dpkg is at work", () => onConsole(withSystemd, halfDone) !== "", 120);
  bareHosts("cut-power", withSystemd.name);
  await doomed.close();
  assert.ok((await cutShort) instanceof Error);
  assert.notEqual(onConsole(withSystemd, halfDone), "");

  const lines = await bootstrap(withSystemd, "root");
  assert.equal(lines[0], "packages: completing an installation that was cut short");
  assert.equal(lines.at(-1), "ready");
  assert.deepEqual(daemonJson(withSystemd), {
    ...before,
    "live-restore": true,
    "log-driver": "json-file",
    "log-opts": { ...LOGS, "max-size": "5m" },
    "insecure-registries": ["old.lab:5000", REGISTRY, locked.name],
  });
  onConsole(withSystemd, "touch /tmp/stamp");
  assert.deepEqual(await bootstrap(withSystemd, "admin"), NOTHING_TO_DO);
  assert.equal(filesSince(withSystemd, "/tmp/stamp"), "");
});

test("a reader who does what docs/first-host.md says has a machine that is ready, without an init too; a second run does nothing", async () => {
  await prepareReader();
  letPasswordsIn(withoutInit);
  const blocks = blocksOf(bareMachineGuide).filter(isRun);
  const printed = await follow(reader, blocks, (commands) => onConsole(withoutInit, commands));
  const [copied, shown, onMachine, made] = printed.map((text) => text.trim().split("\n"));
  assert.ok(
    copied?.some((line) => line.includes("Number of key(s) added: 1")),
    copied?.join("\n"),
  );
  assert.equal(fingerprintOf(shown?.at(-1)), fingerprintOf(onMachine?.at(0)));
  assert.match(String(made?.at(-2)), /^runit: started, but nothing on this machine starts it at boot/);
  assert.equal(made?.at(-1), "ready");
  onConsole(withoutInit, "touch /tmp/stamp");
  assert.deepEqual(await bootstrap(withoutInit, "admin"), NOTHING_TO_DO);
  assert.equal(filesSince(withoutInit, "/tmp/stamp"), "");
});

/** A project with a stack, as docs/first-service.md makes it, and with the package as far as the page uses it. */
async function prepareReader(): Promise<void> {
  reader.prepare();
  reader.askedForPassword(PASSWORD);
  const blocks = blocksOf(readPage("docs/first-service.md"));
  const project = await reader.run(`mkdir -p my-servers/node_modules/rundock
ln -s "$PWD/rundock/providers" my-servers/node_modules/rundock/dist
cd my-servers`);
  assert.equal(project.code, 0, project.output);
  await follow(
    reader,
    blocks.filter(({ file, text }) => file === "Pulumi.yaml" || text.includes("pulumi stack init")),
  );
}

/** Who brings no key yet has to be let in by a password, and only keys that are brought count. */
function letPasswordsIn(machine: Machine): void {
  onConsole(
    machine,
    `echo 'admin:${PASSWORD}' | chpasswd
    printf 'PasswordAuthentication yes\n' >/etc/ssh/sshd_config.d/lab.conf
    kill -HUP "$(cat /run/sshd.pid)"`,
  );
}

function fingerprintOf(line = ""): string {
  const [fingerprint] = line.match(/SHA256:\S+/) ?? [];
  assert.ok(fingerprint, line);
  return fingerprint;
}

test("both run services, pulled without TLS, one of them by a login; with systemd they are there again after a power cut", async () => {
  const file = join(folder, "declared.json");
  const { username, password } = locked;
  const hosts = [
    { ...withSystemd, registries: [{ server: locked.name, username, password }] },
    { ...withoutInit, user: "admin" },
  ].map(({ insecureRegistries: _, ...machine }) => ({ ...machine, privateAddress: machine.address }));
  const web = { name: "web", ready: { tcp: 8080 }, network: "host" };
  const services = {
    "web-1": { ...web, host: "bare-1", image: labImage("web").replace(REGISTRY, locked.name) },
    "web-2": { ...web, host: "bare-2", image: labImage("web") },
  };
  writeFileSync(file, JSON.stringify({ hosts, services, fleets: {} }));
  await stack.create();
  stack.configure({ "rundock:sshKey": labConfiguration().config["rundock:sshKey"], "e2e:file": file });
  try {
    await stack.succeed("up");
    assert.equal(
      onConsole(
        withSystemd,
        "stat -c '%U %a' /etc/rundock/docker/config.json; ls /root/.docker 2>&1 || true",
      ),
      "root 600\nls: cannot access '/root/.docker': No such file or directory\n",
    );
    bareHosts("cut-power", withSystemd.name);
    const webState = "sv check web && docker inspect --format '{{.State.Running}}' web || true";
    await eventually(
      "web is there again",
      () => /^ok: run.*\ntrue$/m.test(onConsole(withSystemd, webState)),
      60,
    );
  } finally {
    await stack.remove();
  }
});
