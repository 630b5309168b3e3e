import assert from "node:assert/strict";
import { chmodSync, existsSync } from "node:fs";
import { type TestContext, test } from "node:test";
import { HostFolders, runText, SHELLS } from "./shells.ts";

/** The check of a new release's configuration, for which there is a minute. */
const CHECK = `
. "\${0%/*}/paths.sh"
. "\${0%/*}/answer.sh"
. "\${0%/*}/start-container.sh"
. "\${0%/*}/live-config.sh"
timeout() { shift; command timeout 0.3 "$@"; }
name=web service=$RUNDOCK_SV/web new_release=r2 stage=$RUNDOCK_SV
check_config
echo accepted
`;

/** @param command of the container, to which the words of the check come. */
function check(context: TestContext, shell: (typeof SHELLS)[number], command: string) {
  const folders = new HostFolders();
  context.after(() => folders.remove());
  folders.write("sv/web/releases/r2/config.check", "is-it good\n{release}/a\n");
  folders.write("bin/docker", `#!/bin/sh\necho "$# $*"\n${command}\n`);
  chmodSync(folders.path("bin/docker"), 0o755);
  const { stdout } = runText(shell, folders, CHECK);
  return { stdout: stdout.trim(), isKept: existsSync(folders.path("sv/web/releases/r2")) };
}

for (const shell of SHELLS) {
  const under = `under ${shell.join(" ")}`;

  test(`a configuration that passes its check stays, ${under}`, (context) => {
    assert.deepEqual(check(context, shell, "exit 0"), { stdout: "accepted", isKept: true });
  });

  for (const [what, command] of [
    ["fails", "exit 1"],
    ["hangs", "exec sleep 3"],
  ] as const)
    test(`one whose check ${what} goes, and the error has what the check said, ${under}`, (context) => {
      const { stdout, isKept } = check(context, shell, command);
      const { ok, verb, object, cause, log } = JSON.parse(stdout);
      assert.deepEqual([ok, verb, object], [false, "accept", "the new configuration"]);
      assert.match(cause, /the old configuration stays$/);
      assert.deepEqual(log, ["4 exec web is-it good r2/a"]);
      assert.ok(!isKept);
    });
}
