import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { BareMachine } from "../../e2e/bare-machine.ts";
import { ROOT } from "../../e2e/lab-environment.ts";
import { labImage } from "../../e2e/services-stack.ts";
import { bareMachineGuide } from "../guides.ts";
import { type Block, blocksOf } from "../pages.ts";
import { follow } from "./follow.ts";
import type { GuideProject } from "./guide-project.ts";

const PASSWORD = "correct-horse-battery";
const STAND_IN = fileURLToPath(new URL("command-plugin.ts", import.meta.url));
/** Where it is to be had: the real `pulumi-resource-command`. */
const PLUGIN = process.env.COMMAND_PLUGIN ?? `${ROOT}/node_modules/.bin/node ${STAND_IN}`;

/** In the project of the first guide, with a machine that has no init. */
export async function followBareMachineGuide(project: GuideProject): Promise<void> {
  const machine = new BareMachine("bare-2");
  try {
    letPasswordsIn(machine);
    project.askedForPassword(PASSWORD);
    project.addPlugin("command", "1.2.1", `exec ${PLUGIN} "$@"`);
    const blocks = blocksOf(bareMachineGuide).map((block) => withMachine(block, machine));
    const byHand = blocks.findIndex(({ text }) => text.startsWith("ssh -J"));
    const printed = await follow(project, blocks.slice(0, byHand), (commands) => machine.onConsole(commands));
    assertFirstLogin(printed);
    assert.match(printed.join("\n"), /runit: started, but nothing on this machine starts it at boot/);
    await assertKeyIsSecret(project);
    // runsvdir comes to a new service within 5 s, and runsv makes files of its own.
    machine.onConsole(
      "until grep -qx run /etc/sv/web/supervise/stat; do sleep 0.1; done; sleep 1; touch /tmp/stamp",
    );
    await follow(project, blocks.slice(byHand));
    assert.equal(machine.filesSince("/tmp/stamp"), "");
    const { code, output } = await project.run("pulumi destroy");
    assert.equal(code, 0, output);
    assert.equal(machine.onConsole("command -v sv; docker ps --all --quiet"), "/usr/bin/sv\n");
  } finally {
    machine.remove();
  }
}

/** Who brings no key yet has to be let in by a password, and only keys that are brought count. */
function letPasswordsIn(machine: BareMachine): void {
  machine.onConsole(
    `echo 'admin:${PASSWORD}' | chpasswd
    printf 'PasswordAuthentication yes\n' >/etc/ssh/sshd_config.d/lab.conf
    kill -HUP "$(cat /run/sshd.pid)"`,
  );
}

/** The lab's registry has no TLS, other than those of the public images. */
function withMachine(block: Block, { hostKey }: BareMachine): Block {
  const registry = labImage("web").replace(/\/.*/, "");
  const text = block.text
    .replace("ssh-ed25519 AAAAC3Nz…", hostKey)
    .replace("bootstrap: true", `bootstrap: { insecureRegistries: ["${registry}"] }`);
  return { ...block, text };
}

function assertFirstLogin(printed: readonly string[]): void {
  const [copied = "", shown = "", onMachine = ""] = printed;
  assert.match(copied, /Number of key\(s\) added: 1/);
  assert.equal(fingerprintOf(shown), fingerprintOf(onMachine));
}

function fingerprintOf(text: string): string {
  const [fingerprint] = text.match(/SHA256:\S+/) ?? [];
  assert.ok(fingerprint, text);
  return fingerprint;
}

async function assertKeyIsSecret(project: GuideProject): Promise<void> {
  const { output } = await project.run("pulumi stack export");
  assert.match(output, /"type": "command:remote:Command"/);
  assert.doesNotMatch(output, /PRIVATE KEY/);
}
