import assert from "node:assert/strict";
import { readdirSync, symlinkSync } from "node:fs";
import { test } from "node:test";
import { HostFolders, runText, SHELLS } from "./shells.ts";

/** Of two containers, as apply.sh calls it. */
const PRUNE = `
. "\${0%/*}/paths.sh"
. "\${0%/*}/release.sh"
prune_releases "$RUNDOCK_SV/web" r2 ''
echo "$previous_release"
`;

for (const shell of SHELLS) {
  test(`the current release, the one before and those of containers stay, and all others go, under ${shell.join(" ")}`, (context) => {
    const folders = new HostFolders();
    context.after(() => folders.remove());
    for (const name of ["r1", "r2", "r3", "r4", "r5"])
      folders.write(`sv/web/releases/${name}/image`, "web:1\n");
    for (const [link, target] of [
      ["current", "r5"],
      ["previous", "r4"],
      ["r1.live", "r1"],
      ["r2.live", "r5"],
    ] as const)
      symlinkSync(target, folders.path(`sv/web/releases/${link}`));
    const { status, stdout, stderr } = runText(shell, folders, PRUNE);
    assert.equal(status, 0, stderr);
    assert.equal(stdout, "r4\n");
    const left = readdirSync(folders.path("sv/web/releases")).sort();
    assert.deepEqual(left, ["current", "previous", "r2", "r2.live", "r4", "r5"]);
  });
}
