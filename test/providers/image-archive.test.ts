import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { check, diff } from "../../providers/image-archive-provider.ts";
import type { ImageArchiveState } from "../../providers/image-archive-state.ts";
import { packTar } from "../../providers/remote/tar.ts";
import { UNKNOWN } from "../../providers/spec/unknown.ts";

const connection = { address: "10.0.0.21", port: 22, user: "root", hostKey: "ssh-ed25519 AAAA" };
const folder = mkdtempSync(join(tmpdir(), "rundock-archive-"));
after(() => rmSync(folder, { recursive: true }));

async function archiveOf(reference: string, config: string): Promise<string> {
  const manifest = JSON.stringify([{ Config: `${config}.json`, RepoTags: [reference] }]);
  const path = join(folder, `${config.slice(0, 8)}-${reference.replaceAll(/\W/g, "-")}.tar`);
  writeFileSync(path, await packTar({ "manifest.json": { content: manifest, mode: 0o644 } }));
  return path;
}

async function checked(path: string, host = "back-1"): Promise<ImageArchiveState> {
  const { inputs, failures } = await check({}, { host, connection, path });
  assert.equal(failures, undefined);
  return inputs as ImageArchiveState;
}

const ONE = "0123456789abcdef".repeat(4);
const OTHER = "fedcba9876543210".repeat(4);

test("the image's name on the host tells its content and belongs to no registry", async () => {
  const names = {
    "web:1": "archive.invalid/web:1-0123456789ab",
    "nginx:latest": "archive.invalid/nginx:latest-0123456789ab",
    "registry.example.com:5000/team/web:2.0": "archive.invalid/team/web:2.0-0123456789ab",
  };
  for (const [reference, expected] of Object.entries(names)) {
    const state = await checked(await archiveOf(reference, ONE));
    assert.deepEqual([state.reference, state.image, state.ids], [reference, expected, [`sha256:${ONE}`]]);
  }
});

test("another image is another resource; another file with the same image is not", async () => {
  const old = await checked(await archiveOf("web:1", ONE));
  const moved = { ...old, path: `${old.path}.copy` };
  const other = await checked(await archiveOf("web:1", OTHER));
  assert.deepEqual(await diff("", old, { ...old }), { changes: false, replaces: [] });
  assert.deepEqual(await diff("", old, moved), { changes: true, replaces: [] });
  assert.deepEqual(await diff("", old, other), { changes: true, replaces: ["image"] });
  assert.deepEqual((await diff("", old, { ...old, host: "back-2" })).replaces, ["host"]);
});

test("an archive that is yet to be made is unknown in preview", async () => {
  const state = await checked(UNKNOWN);
  assert.deepEqual([state.reference, state.image, state.ids], [UNKNOWN, UNKNOWN, UNKNOWN]);
});

test("a file that is not there is told with the argument's name", async () => {
  const { failures } = await check({}, { host: "back-1", connection, path: join(folder, "nothing.tar") });
  assert.deepEqual(
    failures?.map(({ property }) => property),
    ["path"],
  );
  assert.match(failures?.[0]?.reason ?? "", /could not read the archive: ENOENT/);
});
