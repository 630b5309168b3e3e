import assert from "node:assert/strict";
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { packTar, WHOLE } from "../../providers/remote/tar.ts";
import { FakeDocker } from "./fake-docker.ts";
import { HostFolders, SCRIPTS, SHELLS } from "./shells.ts";

/** Where tar would see no damage: between two blocks. */
const BLOCK_BYTES = 512;

const archive = await packTar({
  "service/releases/r1/identity": { content: "i1\n", mode: 0o644 },
  "service/releases/r1/container": { content: "web:1\n", mode: 0o644 },
  "service/run": { content: "#!/bin/sh\n", mode: 0o755 },
  "secrets/env": { content: "A=1\n", mode: 0o600 },
  ...WHOLE,
});

for (const [program, ...words] of SHELLS) {
  test(`an archive that is cut off anywhere is refused, and nothing of it is left, under ${program}`, (context) => {
    const folders = new HostFolders();
    context.after(() => folders.remove());
    const apply = (input: Buffer) => {
      const call = [...words, `${SCRIPTS}/apply.sh`, "web", "r1", "enabled", "0"];
      const { stdout } = spawnSync(program, call, { input, env: folders.environment, encoding: "utf8" });
      const { verb, object, cause } = JSON.parse(stdout);
      return { what: `${verb} ${object}`, cause };
    };
    // tar-stream ends an archive by two empty blocks; the last file is told by the block before.
    for (let length = 0; length <= archive.length - 3 * BLOCK_BYTES; length += BLOCK_BYTES) {
      const { what, cause } = apply(archive.subarray(0, length));
      assert.equal(what, "unpack the archive", `of ${length} bytes: ${cause}`);
      assert.deepEqual(readdirSync(folders.path("sv")), []);
    }
    assert.equal(apply(archive).what, "ask the Docker engine", "the next thing to do, which is not there");
  });

  test(`nothing is begun for a client that has gone while the lock was waited for, under ${program}`, async (context) => {
    const folders = new HostFolders();
    const docker = new FakeDocker(folders.path("docker.sock"));
    context.after(() => {
      docker.close();
      folders.remove();
    });
    folders.write("sv/.stage.web/begun", "by another\n");
    const unheard = pipeWithoutReader(folders.path("pipe"));
    for (const call of ["apply.sh web r1 enabled 0", "remove.sh web"]) {
      const child = spawn(program, [...words, ...`${SCRIPTS}/${call}`.split(" ")], {
        env: folders.environment,
        stdio: ["ignore", unheard, "inherit"],
      });
      await once(child, "exit");
      assert.deepEqual(readdirSync(folders.path("sv/.stage.web")), ["begun"], call);
    }
    closeSync(unheard);
  });

  test(`a link is back before runsvdir misses it, where runsv is still there, under ${program}`, (context) => {
    const folders = new HostFolders();
    context.after(() => folders.remove());
    folders.write("sv/web/supervise/lock", "");
    const apply = (wanted: string, ...before: readonly string[]) => {
      const call = [...before, program, ...words, `${SCRIPTS}/apply.sh`, "web", "r1", wanted, "0"];
      spawnSync("env", call, { input: archive, env: folders.environment });
      return readdirSync(folders.path("service"));
    };
    const supervised = ["flock", folders.path("sv/web/supervise/lock")];
    assert.deepEqual(apply("enabled"), []);
    assert.deepEqual(apply("disabled", ...supervised), []);
    assert.deepEqual(apply("enabled", ...supervised), ["web"]);
  });
}

function pipeWithoutReader(path: string): number {
  execFileSync("mkfifo", [path]);
  const reader = openSync(path, "r+");
  const writer = openSync(path, "w");
  closeSync(reader);
  return writer;
}
