import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { packTar, readTar } from "../../../providers/remote/tar.ts";

const FILES = {
  "release/container": { content: "--init\nweb:1\n", mode: 0o644 },
  "secrets/env": { content: "PASSWORD=grüße\n", mode: 0o600 },
  "service/control/t": { content: "#!/bin/sh\n", mode: 0o755 },
};

test("the host's tar unpacks what is packed, with its modes", async () => {
  const folder = mkdtempSync(join(tmpdir(), "rundock-tar-"));
  execFileSync("tar", ["-xf", "-", "-C", folder], { input: await packTar(FILES) });
  for (const [path, { content, mode }] of Object.entries(FILES)) {
    assert.equal(readFileSync(join(folder, path), "utf8"), content);
    assert.equal(statSync(join(folder, path)).mode & 0o777, mode);
  }
  rmSync(folder, { recursive: true });
});

test("what is packed is read back", async () => {
  assert.deepEqual(await readTar(await packTar(FILES)), FILES);
});

test("the same files give the same bytes", async () => {
  assert.deepEqual(await packTar(FILES), await packTar(FILES));
});
