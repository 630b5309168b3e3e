import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, symlinkSync } from "node:fs";
import { test } from "node:test";
import { FakeDocker } from "./fake-docker.ts";
import { HostFolders, SCRIPTS, SHELLS, startScript } from "./shells.ts";

/** What a host lacks, by the list with which an installation begins. */
const LIST = `
. "\${0%/*}/paths.sh"
. "\${0%/*}/supervision.sh"
if runsvdir_runs; then echo served; else echo unserved; fi
`;

function startRunsvdir(folders: HostFolders, folder: string): Promise<ChildProcess> {
  folders.write("bin/runsvdir", "#!/bin/sh\necho\nread -r _\n");
  chmodSync(folders.path("bin/runsvdir"), 0o755);
  const runsvdir = spawn(folders.path("bin/runsvdir"), ["-P", folder, "log: ...."]);
  return new Promise((resolve) => runsvdir.stdout.once("data", () => resolve(runsvdir)));
}

for (const shell of SHELLS) {
  const under = `under ${shell.join(" ")}`;
  const found = async (folders: HostFolders) => (await startScript(shell, folders, LIST).ended).output.trim();

  test(`a runsvdir counts when it runs for the folder of services, by whichever name, ${under}`, async (context) => {
    const folders = new HostFolders();
    context.after(() => folders.remove());
    assert.equal(await found(folders), "unserved");
    const elsewhere = await startRunsvdir(folders, folders.path("sv"));
    assert.equal(await found(folders), "unserved");
    elsewhere.kill();
    symlinkSync(folders.path("service"), folders.path("services"));
    const here = await startRunsvdir(folders, folders.path("services"));
    assert.equal(await found(folders), "served");
    here.kill();
  });

  test(`a host on which nothing supervises is told so, and gets nothing, ${under}`, async (context) => {
    const folders = new HostFolders();
    const docker = new FakeDocker(folders.path("docker.sock"));
    context.after(() => {
      docker.close();
      folders.remove();
    });
    symlinkSync(SCRIPTS, folders.path("lib"));
    const { code, output } = await startScript(shell, folders, "install.sh", folders.root).ended;
    assert.equal(code, 111);
    const { missing } = JSON.parse(output);
    assert.match(missing.at(-1), /^a runsvdir that runs for .*, so nothing would be supervised/);
  });
}
