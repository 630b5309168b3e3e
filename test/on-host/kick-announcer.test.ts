import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { closeSync, openSync, readdirSync, readSync } from "node:fs";
import { test } from "node:test";
import { HostFolders, runText, SHELLS } from "./shells.ts";

const CONTROL = "service/rundock-announcer/supervise/control";

const KICK = `
. "\${0%/*}/paths.sh"
. "\${0%/*}/supervision.sh"
kick_announcer
kick_announcer_of_end
`;

for (const shell of SHELLS) {
  test(`runsv is told to wake the announcer, and one that is gone holds nobody up, under ${shell.join(" ")}`, (context) => {
    const folders = new HostFolders();
    context.after(() => folders.remove());
    assert.equal(runText(shell, folders, KICK).status, 0, "of a host without an announcer");
    assert.deepEqual(readdirSync(folders.path("service")), []);
    folders.write("service/rundock-announcer/supervise/stat", "run\n");
    execFileSync("mkfifo", [folders.path(CONTROL)]);
    assert.equal(runText(shell, folders, KICK).status, 0, "of a runsv that is gone");
    const runsv = openSync(folders.path(CONTROL), "r+");
    assert.equal(runText(shell, folders, KICK).status, 0);
    const commands = Buffer.alloc(8);
    assert.equal(commands.toString("utf8", 0, readSync(runsv, commands)), "2h");
    closeSync(runsv);
  });
}
