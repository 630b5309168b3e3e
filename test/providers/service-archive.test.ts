import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { packTar } from "../../providers/remote/tar.ts";
import { serviceArchive } from "../../providers/service-archive.ts";

test("what runit calls is executable, and any other mode is said", async () => {
  const tree = { run: "#!/bin/sh\n", "control/t": "#!/bin/sh\n", finish: "#!/bin/sh\n", drain: "3\n" };
  const archive = serviceArchive({ release: "r1", tree, modes: { finish: "0700" } }) as Record<
    string,
    { mode?: number }
  >;
  const modes = Object.keys(tree).map((path) => archive[`service/${path}`]?.mode?.toString(8));
  assert.deepEqual(modes, ["755", "755", "700", "644"]);
});

test("a secret file of the live configuration is 0600 under private/, and found in its place by a link", async () => {
  const files = { "config/tls/site.key": { content: "hush", mode: "0600" } };
  const archive = serviceArchive({
    release: "r1",
    tree: { "current/config/nginx.conf": "events {}" },
    modes: {},
    secretConfig: { salt: "salt", files },
  });
  const folder = mkdtempSync(join(tmpdir(), "rundock-archive-"));
  execFileSync("tar", ["-xf", "-", "-C", folder], { input: await packTar(archive) });
  // As apply.sh does.
  renameSync(join(folder, "secrets"), join(folder, "service/releases/r1/private"));
  const link = join(folder, "service/releases/r1/config/tls/site.key");
  assert.equal(readFileSync(link, "utf8"), "hush");
  assert.equal(statSync(link).mode & 0o777, 0o600);
  rmSync(folder, { recursive: true });
});
