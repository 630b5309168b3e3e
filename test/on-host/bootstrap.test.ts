import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { afterEach, beforeEach, test } from "node:test";
import { HostFolders, SCRIPTS, SHELLS } from "./shells.ts";

const SCRIPT = readFileSync(`${SCRIPTS}/bootstrap.sh`, "utf8");
/** All but its last line, so that nothing happens to the machine of the tests. */
const FUNCTIONS = SCRIPT.slice(0, SCRIPT.lastIndexOf('\n{ main "$@"'));
const RECOGNISE = `read_settings "$@"; require_known_system`;
const WRITE = `read_settings "$@"; log=/dev/null; write_daemon_json`;

let folders: HostFolders;
beforeEach(() => {
  folders = new HostFolders();
});
afterEach(() => folders.remove());

/** On stdin, as it comes to a machine. */
function run([program, ...words]: (typeof SHELLS)[number], script: string, ...settings: string[]) {
  const env = {
    RUNDOCK_OS_RELEASE: folders.path("os-release"),
    RUNDOCK_DAEMON_JSON: folders.path("docker/daemon.json"),
  };
  return spawnSync(program, [...words, "-s", "--", ...settings], { input: script, encoding: "utf8", env });
}

function recognise(shell: (typeof SHELLS)[number], osRelease: string, ...settings: string[]) {
  folders.write("os-release", osRelease);
  const { status, stdout, stderr } = run(shell, `${FUNCTIONS}\n${RECOGNISE}`, ...settings);
  return { status, said: `${stdout}${stderr}` };
}

function daemonJson(): unknown {
  return JSON.parse(readFileSync(folders.path("docker/daemon.json"), "utf8"));
}

const LOGS = { "log-driver": "json-file", "log-opts": { "max-size": "10m", "max-file": "3" } };

for (const shell of SHELLS) {
  const name = shell.join(" ");

  test(`${name}: Debian 12, Ubuntu 22.04 and newer ones are known, and any other system is told what to do`, () => {
    for (const known of [
      "ID=debian\nVERSION_ID=12",
      'ID=debian\nVERSION_ID="13"',
      "ID=ubuntu\nVERSION_ID=22.04",
    ]) {
      assert.deepEqual(recognise(shell, known).status, 0, known);
    }
    const others = [
      "ID=debian\nVERSION_ID=11",
      "ID=ubuntu\nVERSION_ID=20.04",
      "ID=alpine\nVERSION_ID=3.22",
      "ID=debian",
    ];
    for (const other of others) {
      const { status, said } = recognise(shell, other);
      assert.equal(status, 100, other);
      assert.match(
        said,
        /^bootstrap: this machine runs \w+ .*; it is made for Debian 12 and Ubuntu 22\.04, or newer/,
      );
    }
  });

  test(`${name}: a setting that it does not know, or that could be more than a name, is a wrong call`, () => {
    const settings = [
      "registry=a",
      "insecure-registry=",
      "insecure-registry=-x",
      "insecure-registry=$(id)",
      "x",
    ];
    for (const setting of settings) {
      const { status, said } = recognise(
        shell,
        "ID=debian\nVERSION_ID=13",
        "insecure-registry=good.lab:5000",
        setting,
      );
      assert.deepEqual([status, said.split(" is no setting")[0]], [100, `bootstrap: ${setting}`]);
    }
  });

  test(`${name}: a text that was cut short on its way does nothing`, () => {
    for (const length of [200, SCRIPT.length / 2, SCRIPT.lastIndexOf("}")]) {
      const { stdout } = run(shell, SCRIPT.slice(0, length), "insecure-registry=good.lab:5000");
      assert.equal(stdout, "");
    }
  });

  test(`${name}: daemon.json is made, and made once`, () => {
    const first = run(shell, `${FUNCTIONS}\n${WRITE}`, "insecure-registry=registry.lab:5000");
    assert.equal(first.stdout, `docker configuration: wrote ${folders.path("docker/daemon.json")}\n`);
    const expected = { ...LOGS, "live-restore": true, "insecure-registries": ["registry.lab:5000"] };
    assert.deepEqual(daemonJson(), expected);
    assert.equal(readFileSync(folders.path("docker/daemon.json.pending"), "utf8"), "");
    const second = run(shell, `${FUNCTIONS}\n${WRITE}`, "insecure-registry=registry.lab:5000");
    assert.equal(second.stdout, "docker configuration: nothing to do\n");
  });

  test(`${name}: what daemon.json says already stays, and so do its mode and what it was`, () => {
    const before = {
      "live-restore": false,
      "log-driver": "journald",
      "insecure-registries": ["b.lab", "a.lab"],
      dns: ["10.0.0.2"],
    };
    folders.write("docker/daemon.json", JSON.stringify(before));
    const chmod = `chmod 600 "$DAEMON_JSON"\n${WRITE}`;
    const { stdout } = run(
      shell,
      `${FUNCTIONS}\n${chmod}`,
      "insecure-registry=a.lab",
      "insecure-registry=c.lab",
    );
    assert.match(stdout, /live-restore is off and stays so/);
    assert.deepEqual(daemonJson(), { ...before, "insecure-registries": ["b.lab", "a.lab", "c.lab"] });
    assert.equal(statSync(folders.path("docker/daemon.json")).mode & 0o777, 0o600);
    assert.deepEqual(JSON.parse(readFileSync(folders.path("docker/daemon.json.pending"), "utf8")), before);
  });

  test(`${name}: a daemon.json that is no JSON, or no object, is left alone`, () => {
    for (const text of ["{", "[]"]) {
      folders.write("docker/daemon.json", text);
      const { status, stderr } = run(shell, `${FUNCTIONS}\n${WRITE}`);
      assert.equal(status, 111);
      assert.match(stderr, /^bootstrap: could not (read|add to) \S+daemon\.json: /);
      assert.equal(readFileSync(folders.path("docker/daemon.json"), "utf8"), text);
      assert.ok(!existsSync(folders.path("docker/daemon.json.pending")));
    }
  });
}
