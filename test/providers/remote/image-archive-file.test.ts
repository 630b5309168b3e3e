import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { after, test } from "node:test";
import { gunzipSync, gzipSync } from "node:zlib";
import { compressedArchive, readImageArchive } from "../../../providers/remote/image-archive-file.ts";
import { packTar } from "../../../providers/remote/tar.ts";

const CONFIG = "1f".repeat(32);
const MANIFEST = `sha256:${"2e".repeat(32)}`;
const folder = mkdtempSync(join(tmpdir(), "rundock-archive-"));
after(() => rmSync(folder, { recursive: true }));

/** As `docker save` packs it; a layer comes first, since the describing files are at the end. */
function saved(files: Readonly<Record<string, unknown>>): Promise<Buffer> {
  const described = Object.entries(files).map(([name, value]) => [
    name,
    { content: typeof value === "string" ? value : JSON.stringify(value), mode: 0o644 },
  ]);
  const layer = { content: Buffer.alloc(300_000, 7), mode: 0o644 };
  return packTar({ "blobs/sha256/aa": layer, ...Object.fromEntries(described) });
}

let written = 0;
function fileOf(bytes: Buffer | string): string {
  written += 1;
  const path = join(folder, `archive-${written}`);
  writeFileSync(path, bytes);
  return path;
}

const image = { Config: `blobs/sha256/${CONFIG}`, RepoTags: ["web:1", "web:latest"], Layers: [] };
const index = { schemaVersion: 2, manifests: [{ digest: MANIFEST }] };

test("an archive tells the image's first name and what Docker may call it, plain and gzipped", async () => {
  const archive = await saved({ "index.json": index, "manifest.json": [image] });
  const expected = { reference: "web:1", ids: [`sha256:${CONFIG}`, MANIFEST] };
  assert.deepEqual(await readImageArchive(fileOf(archive)), expected);
  assert.deepEqual(await readImageArchive(fileOf(gzipSync(archive))), expected);
});

test("an archive of an older Docker has no manifest's digest", async () => {
  const archive = await saved({ "manifest.json": [{ ...image, Config: `${CONFIG}.json` }] });
  assert.deepEqual((await readImageArchive(fileOf(archive))).ids, [`sha256:${CONFIG}`]);
});

test("a file that is written anew is read anew", async () => {
  const path = fileOf(await saved({ "manifest.json": [image] }));
  assert.equal((await readImageArchive(path)).reference, "web:1");
  writeFileSync(path, await saved({ "manifest.json": [{ ...image, RepoTags: ["other:22"] }] }));
  assert.equal((await readImageArchive(path)).reference, "other:22");
});

test("the host gets it compressed, and what is compressed already as it is", async () => {
  const archive = await saved({ "manifest.json": [image] });
  const sent = await buffer(await compressedArchive(fileOf(archive)));
  assert.ok(sent.length < archive.length / 10);
  assert.ok(gunzipSync(sent).equals(archive));
  const compressed = gzipSync(archive);
  assert.ok((await buffer(await compressedArchive(fileOf(compressed)))).equals(compressed));
});

test("what is not an archive of one named image is refused, with the reason", async () => {
  const archive = await saved({ "manifest.json": [image] });
  const refused: [Buffer | string, RegExp][] = [
    [
      "no archive at all, but long enough to look like one. ".repeat(40),
      /should be an archive made by docker save/,
    ],
    [gzipSync(archive).subarray(0, 200), /should be an archive made by docker save/],
    [archive.subarray(0, 100_000), /should be an archive made by docker save/],
    ["", /should be an archive made by docker save|has no manifest\.json/],
    [await saved({ "oci-layout": "{}" }), /has no manifest\.json: it should be made by docker save/],
    [await saved({ "manifest.json": "[" }), /manifest\.json that is not docker save's/],
    [await saved({ "manifest.json": [image, image] }), /holds 2 images; it should hold one/],
    [await saved({ "manifest.json": [] }), /holds 0 images/],
    [
      await saved({ "manifest.json": [{ ...image, RepoTags: null }] }),
      /it should be saved by name, not by ID/,
    ],
    [
      await saved({ "manifest.json": [{ ...image, Config: "../../x" }] }),
      /manifest\.json that is not docker save's/,
    ],
  ];
  for (const [bytes, message] of refused) {
    await assert.rejects(readImageArchive(fileOf(bytes)), message);
  }
  await assert.rejects(readImageArchive(join(folder, "nothing")), /path: could not read the archive: ENOENT/);
  await assert.rejects(readImageArchive(folder), /path: .*(EISDIR|not a file)/);
});
