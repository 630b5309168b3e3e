import { createReadStream } from "node:fs";
import { open, stat } from "node:fs/promises";
import { pipeline, type Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { constants, createGunzip, createGzip } from "node:zlib";
import { extract } from "tar-stream";
import { z } from "zod";
import { isImageReference } from "../spec/image-reference.ts";
import { SpecError } from "../spec/spec-error.ts";

/** What an archive of `docker save` says of the image in it. */
export interface ArchivedImage {
  /** The image's first name. */
  readonly reference: string;
  /** What Docker may call it: the digest of its configuration, then of its manifest where the archive has one. */
  readonly ids: readonly string[];
}

const known = new Map<string, Promise<ArchivedImage>>();

/**
 * Reads an archive once in a run, however many hosts get it.
 *
 * @throws SpecError that names the file and says what it should be.
 */
export async function readImageArchive(path: string): Promise<ArchivedImage> {
  const { size, mtimeMs } = await stat(path).catch((error: Error) => {
    throw unreadable(error);
  });
  const key = `${path} ${size} ${mtimeMs}`;
  const image = known.get(key) ?? imageIn(path);
  known.set(key, image);
  return image;
}

/** The archive as the host gets it: compressed, since its layers are not. */
export async function compressedArchive(path: string): Promise<Readable> {
  const isCompressed = await isGzip(path);
  const file = createReadStream(path);
  return isCompressed ? file : pipeline(file, createGzip({ level: constants.Z_BEST_SPEED }), () => {});
}

/** `blobs/sha256/HASH` since Docker 25, `HASH.json` before. */
const CONFIG = /^(?:blobs\/sha256\/)?([0-9a-f]{64})(?:\.json)?$/;

const manifestSchema = z.array(
  z.object({ Config: z.string().regex(CONFIG), RepoTags: z.array(z.string()).nullish() }),
);
const indexSchema = z.object({ manifests: z.array(z.object({ digest: z.string() })) });

async function imageIn(path: string): Promise<ArchivedImage> {
  const { "manifest.json": manifest, "index.json": index } = await describingFiles(path);
  if (manifest === undefined) throw wrong(`${path} has no manifest.json: it should be made by docker save`);
  const images = manifestSchema.safeParse(parse(manifest)).data;
  if (images === undefined) throw wrong(`${path} has a manifest.json that is not docker save's`);
  const [image] = images;
  if (images.length !== 1 || image === undefined) {
    throw wrong(`${path} holds ${images.length} images; it should hold one`);
  }
  const [reference] = image.RepoTags ?? [];
  if (reference === undefined) throw wrong(`${path} names no image: it should be saved by name, not by ID`);
  if (!isImageReference(reference)) {
    throw wrong(`${path} names its image ${JSON.stringify(reference)}, which Docker would not take`);
  }
  const manifests = indexSchema.safeParse(parse(index ?? "")).data?.manifests ?? [];
  const config = `sha256:${CONFIG.exec(image.Config)?.[1]}`;
  return { reference, ids: [config, ...manifests.map(({ digest }) => digest)] };
}

const DESCRIBING = ["manifest.json", "index.json"];

/** The small files that tell what the archive holds; the layers are passed over. */
async function describingFiles(path: string): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  const unpacked = (await isGzip(path)) ? [createGunzip()] : [];
  const reader = extract();
  // What fails in between ends the reader with the same error.
  pipeline([createReadStream(path), ...unpacked, reader], () => {});
  try {
    for await (const entry of reader) {
      if (DESCRIBING.includes(entry.header.name)) files[entry.header.name] = (await buffer(entry)).toString();
      else entry.resume();
    }
  } catch (error) {
    throw wrong(
      `${path} should be an archive made by docker save, plain or gzipped: ${(error as Error).message}`,
    );
  }
  return files;
}

async function isGzip(path: string): Promise<boolean> {
  const start = await firstBytes(path).catch((error: Error) => {
    throw unreadable(error);
  });
  return start.equals(Buffer.from([0x1f, 0x8b]));
}

async function firstBytes(path: string): Promise<Buffer> {
  const file = await open(path);
  try {
    return (await file.read(Buffer.alloc(2), 0, 2, 0)).buffer;
  } finally {
    await file.close();
  }
}

function unreadable({ message }: Error): SpecError {
  return wrong(`could not read the archive: ${message}`);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function wrong(message: string): SpecError {
  return new SpecError([{ path: "path", message }]);
}
