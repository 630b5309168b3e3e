import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, readFileSync, statSync } from "node:fs";
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
    RUNDOCK_APPARMOR: folders.path("apparmor"),
    RUNDOCK_INITTAB: folders.path("inittab"),
    RUNDOCK_DOCKER_INIT: folders.path("init.d/docker"),
    BIN: folders.path("bin"),
    CALLS: folders.path("calls"),
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

/** A program that notes its call, and then does what `body` says; it is found before all others. */
function fake(name: string, body = ""): void {
  folders.write(`bin/${name}`, `#!/bin/sh\necho ${name} "$@" >>"$CALLS"\n${body}\n`);
  chmodSync(folders.path(`bin/${name}`), 0o755);
}

/** Before any other text, so that `command -v` and the script's own calls find the fakes; waiting is of no use. */
const WITH_FAKES = `PATH=$BIN:$PATH; export CALLS; eventually() { shift; "$@"; }; log=$(mktemp); read_settings "$@"; changed=`;
const WITH_SYSTEMD = "has_systemd() { true; }";
const WITHOUT_SYSTEMD = "has_systemd() { false; }";

function withFakes(shell: (typeof SHELLS)[number], script: string, ...settings: string[]) {
  const { status, stdout, stderr } = run(shell, `${FUNCTIONS}\n${WITH_FAKES}\n${script}`, ...settings);
  const calls = existsSync(folders.path("calls")) ? readFileSync(folders.path("calls"), "utf8") : "";
  return { status, stdout, stderr, calls: calls.trim().split("\n") };
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

  for (const [init, knows] of [
    ["systemd", WITH_SYSTEMD],
    ["an init of its own", WITHOUT_SYSTEMD],
  ] as const) {
    test(`${name}: under ${init}, a daemon.json that Docker does not start with is taken back, and Docker started with the old one`, () => {
      // Docker knows no address that is written like this one.
      const refuses = `case $* in *start*docker*) ! grep -q bad.lab ${folders.path("docker/daemon.json")} ;; esac`;
      fake("systemctl", refuses);
      fake("service", refuses.replace("*start*docker*", "*docker*start*"));
      folders.write("init.d/docker", "");
      chmodSync(folders.path("init.d/docker"), 0o755);
      fake("docker", "exit 1");
      fake("journalctl", "echo unable to configure the Docker daemon");
      folders.write("docker/daemon.json", '{"debug": true}');
      const first = withFakes(shell, `${knows}; set_up_docker`, "insecure-registry=bad.lab");
      assert.equal(first.status, 111);
      assert.match(first.stderr, /^bootstrap: could not restart Docker: it does not answer\n/);
      assert.match(first.stderr, /\n {2}\S+daemon\.json is as it was\n$/);
      if (init === "systemd") assert.match(first.stderr, / {2}\| unable to configure the Docker daemon/);
      assert.deepEqual(daemonJson(), { debug: true });
      assert.ok(!existsSync(folders.path("docker/daemon.json.pending")));
      const starts = first.calls.filter((call) =>
        /^(systemctl start docker|service docker start)/.test(call),
      );
      assert.equal(starts.length, 2);
    });
  }

  test(`${name}: a daemon.json that was not there is gone again when Docker does not start with the new one`, () => {
    fake("systemctl", "case $* in start*) exit 1 ;; esac");
    fake("docker", "exit 1");
    fake("journalctl");
    const { status, stderr } = withFakes(shell, `${WITH_SYSTEMD}; set_up_docker`);
    assert.equal(status, 111);
    assert.match(stderr, /daemon\.json is as it was\n$/);
    assert.ok(!existsSync(folders.path("docker/daemon.json")));
    assert.ok(!existsSync(folders.path("docker/daemon.json.pending")));
  });

  test(`${name}: a run that ended between the new daemon.json and Docker's start is completed by the next`, () => {
    fake("systemctl");
    fake("docker");
    const cutShort = withFakes(
      shell,
      `${WITH_SYSTEMD}; write_daemon_json; exit 0`,
      "insecure-registry=a.lab",
    );
    assert.equal(cutShort.status, 0);
    const { status, stdout, calls } = withFakes(
      shell,
      `${WITH_SYSTEMD}; set_up_docker`,
      "insecure-registry=a.lab",
    );
    assert.equal(status, 0);
    assert.match(
      stdout,
      /^docker configuration: nothing to do\ndocker: started with its new configuration\n/,
    );
    assert.ok(
      calls.includes("systemctl stop docker.service") && calls.includes("systemctl start docker.service"),
    );
    assert.ok(!existsSync(folders.path("docker/daemon.json.pending")));
  });

  test(`${name}: AppArmor's program is missing only where the kernel has AppArmor, and it is not there`, () => {
    const missing = (kernel: string | undefined, parser: boolean) => {
      folders.remove();
      folders = new HostFolders();
      if (kernel !== undefined) folders.write("apparmor", `${kernel}\n`);
      const programs = `has_program() { [ "$1" != apparmor_parser ] || ${parser}; }; nc() { echo -U; }`;
      const { stdout } = withFakes(
        shell,
        `${programs}; needs_runit_starter() { false; }; list_missing; echo "$missing"`,
      );
      return stdout.includes("apparmor");
    };
    assert.deepEqual(
      [missing("Y", false), missing("Y", true), missing("N", false), missing(undefined, false)],
      [true, false, false, false],
    );
  });

  test(`${name}: under an init with an inittab, runit is started by it, and only its starter may be missing`, () => {
    fake("telinit");
    folders.write("inittab", "id:2:initdefault:\n");
    const runs = `${WITHOUT_SYSTEMD}; runsvdir_runs() { grep -qs telinit "$CALLS"; }`;
    const starter = withFakes(shell, `${runs}; if needs_runit_starter; then echo runit-run; fi; init_name`);
    assert.equal(starter.stdout, "runit-run\ninit\n");
    folders.write("inittab", "SV:123456:respawn:/etc/runit/2\n");
    assert.equal(withFakes(shell, `${runs}; if needs_runit_starter; then echo runit-run; fi`).stdout, "");
    const { stdout, calls } = withFakes(shell, `${runs}; start_runit`);
    assert.equal(stdout, "runit: started\n");
    assert.deepEqual(calls, ["telinit q"]);
    assert.equal(withFakes(shell, `${runs}; start_runit`).stdout, "runit: runs\n");
  });

  test(`${name}: without systemd or a script of Docker's, it is said that something has to start dockerd`, () => {
    fake("docker", "exit 1");
    const { status, stderr } = withFakes(shell, `${WITHOUT_SYSTEMD}; set_up_docker`);
    assert.equal(status, 111);
    assert.match(
      stderr,
      /^bootstrap: could not start Docker: there is neither systemd nor \S+init\.d\/docker/,
    );
    assert.match(stderr, /Have this machine start dockerd/);
  });
}
