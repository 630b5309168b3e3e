import assert from "node:assert/strict";
import { chmodSync, existsSync, readFileSync, readlinkSync, symlinkSync } from "node:fs";
import { type TestContext, test } from "node:test";
import { HostFolders, runText, SHELLS } from "./shells.ts";

/** The configuration of a new release, in a container of r1; its commands have a minute each, one that hangs a second. */
const RENEW = `
. "\${0%/*}/paths.sh"
. "\${0%/*}/answer.sh"
. "\${0%/*}/release.sh"
. "\${0%/*}/start-container.sh"
. "\${0%/*}/live-config.sh"
timeout() {
  shift
  seconds=60
  ! grep -q sleep "\${RUNDOCK_SV%/*}/bin/docker" || seconds=1
  command timeout "$seconds" "$@"
}
name=web service=$RUNDOCK_SV/web new_release=$1 stage=$RUNDOCK_SV container_release=r1
if config_differs; then
  check_config
  reload_config
fi
echo renewed
`;

/** @param command of the container, to which the words of the check and the reload come. */
function hostWith(context: TestContext, command: string) {
  const folders = new HostFolders();
  context.after(() => folders.remove());
  for (const release of ["r1", "r2", "r3"]) {
    folders.write(`sv/web/releases/${release}/config/a`, release);
    folders.write(`sv/web/releases/${release}/config.check`, "is-it good\n{release}/a\n");
    folders.write(`sv/web/releases/${release}/config.reload`, "exec\nread it anew\n{release}/a\n");
  }
  symlinkSync("r1", folders.path("sv/web/releases/r1.live"));
  setCommand(folders, command);
  return folders;
}

function setCommand(folders: HostFolders, command: string): void {
  folders.write("bin/docker", `#!/bin/sh\necho "$# $*" | tee -a "\${0%/*}/asked"\n${command}\n`);
  chmodSync(folders.path("bin/docker"), 0o755);
}

function renew(folders: HostFolders, shell: (typeof SHELLS)[number], release: string): string {
  return runText(shell, folders, RENEW, release).stdout.trim();
}

const liveIn = (folders: HostFolders) => readlinkSync(folders.path("sv/web/releases/r1.live"));

const CHECK = "4 exec web is-it good r2/a";
const RELOAD = "4 exec web read it anew r1.live/a";
const FAILURES = [
  ["fails", "exit 7", "ended with exit code 7"],
  ["hangs", "exec sleep 600", "did not end within 60 s"],
] as const;

for (const shell of SHELLS) {
  const under = `under ${shell.join(" ")}`;

  test(`a configuration that passes its check is live after the reload, ${under}`, (context) => {
    const folders = hostWith(context, "exit 0");
    assert.equal(renew(folders, shell, "r2"), "renewed");
    assert.equal(readFileSync(folders.path("bin/asked"), "utf8"), `${CHECK}\n${RELOAD}\n`);
    assert.equal(liveIn(folders), "r2");
  });

  for (const [what, command, end] of FAILURES) {
    test(`one whose check ${what} goes, and the error has what the check said, ${under}`, (context) => {
      const folders = hostWith(context, command);
      const { ok, verb, object, cause, log } = JSON.parse(renew(folders, shell, "r2"));
      assert.deepEqual([ok, verb, object], [false, "accept", "the new configuration"]);
      assert.equal(cause, `its check command ${end}; the old configuration stays`);
      assert.deepEqual(log, [CHECK]);
      assert.ok(!existsSync(folders.path("sv/web/releases/r2")));
      assert.equal(liveIn(folders), "r1");
    });

    test(`one whose reload ${what} is taken back, and the next one comes through, ${under}`, (context) => {
      const folders = hostWith(context, `case $* in *anew*) ${command} ;; esac`);
      const { ok, verb, object, cause, log, advice } = JSON.parse(renew(folders, shell, "r2"));
      assert.deepEqual([ok, verb, object], [false, "reload", "the new configuration"]);
      assert.equal(cause, `its reload command ${end}; the old files are back`);
      assert.deepEqual(log, [RELOAD]);
      assert.match(advice, /run pulumi up again$/);
      assert.equal(liveIn(folders), "r1");
      setCommand(folders, "exit 0");
      for (const next of ["r2", "r3"]) {
        assert.equal(renew(folders, shell, next), "renewed");
        assert.equal(liveIn(folders), next);
      }
    });
  }
}
