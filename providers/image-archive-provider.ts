import { isDeepStrictEqual } from "node:util";
import type {
  CheckResult,
  CreateResult,
  DiffResult,
  ReadResult,
  UpdateResult,
} from "@pulumi/pulumi/dynamic/index.js";
import { z } from "zod";
import { checked } from "./checked.ts";
import type { ImageArchiveState } from "./image-archive-state.ts";
import { sessionOn } from "./operation.ts";
import { type ArchivedImage, readImageArchive } from "./remote/image-archive-file.ts";
import { hasImage, loadImage, removeImage } from "./remote/image-commands.ts";
import type { Connection } from "./spec/connection.ts";
import { parseImageReference } from "./spec/image-reference.ts";
import { parseStrictly } from "./spec/parse-strictly.ts";
import { isUnknown, UNKNOWN } from "./spec/unknown.ts";
import { fileContent } from "./spec/values.ts";

/** What the resource's constructor sends. */
interface ImageArchiveArguments {
  readonly host: string;
  readonly connection: Connection;
  readonly path: string;
}

const pathSchema = z.strictObject({ path: fileContent });

export async function check(
  _olds: unknown,
  { host, connection, path }: ImageArchiveArguments,
): Promise<CheckResult<ImageArchiveState>> {
  const place = { host, connection, path };
  if (isUnknown(path)) {
    return { inputs: { ...place, reference: UNKNOWN, image: UNKNOWN, ids: UNKNOWN as never } };
  }
  return checked(async () => {
    parseStrictly(pathSchema, { path });
    const archived = await readImageArchive(path);
    return { ...place, ...archived, image: nameOnHost(archived) };
  });
}

/**
 * A name that tells the content, so that a service changes when the image does. Its registry cannot exist (RFC 6761), so
 * that nobody can offer another image under it.
 */
function nameOnHost({ reference, ids: [id = ""] }: ArchivedImage): string {
  const { repository, tag } = parseImageReference(reference);
  const name = repository.replace(/^library\//, "");
  return `archive.invalid/${name}:${tag.slice(0, 100)}-${id.replace("sha256:", "").slice(0, 12)}`;
}

/** Another image is loaded before the old one goes: services turn to it in between. */
export async function diff(
  _id: string,
  old: ImageArchiveState,
  wanted: ImageArchiveState,
): Promise<DiffResult> {
  const differs = (key: keyof ImageArchiveState) => !isDeepStrictEqual(old[key], wanted[key]);
  const replaces = (["host", "image"] as const).filter(differs);
  const changes = replaces.length > 0 || (["connection", "path", "reference", "ids"] as const).some(differs);
  return { changes, replaces };
}

export async function create(wanted: ImageArchiveState): Promise<CreateResult<ImageArchiveState>> {
  const session = await sessionOn(wanted.connection);
  if (!(await hasImage(session, wanted))) await loadImage(session, wanted);
  return { id: `${wanted.host}/${wanted.image}`, outs: wanted };
}

/** Only how the archive or the host is reached. */
export async function update(
  _id: string,
  _old: ImageArchiveState,
  wanted: ImageArchiveState,
): Promise<UpdateResult<ImageArchiveState>> {
  return { outs: wanted };
}

/** An image that is gone is loaded again by the next `up`. */
export async function read(id: string, state: ImageArchiveState): Promise<ReadResult<ImageArchiveState>> {
  try {
    const present = await hasImage(await sessionOn(state.connection), state);
    return present ? { id, props: state, inputs: state } : { id: "" };
  } catch (error) {
    console.error(`${state.host}: image ${state.image}: not refreshed: ${(error as Error).message}`);
    return { id, props: state };
  }
}

async function deleteImage(_id: string, state: ImageArchiveState): Promise<void> {
  const session = await sessionOn(state.connection).catch((error: Error) => {
    throw new Error(
      `${error.message}\n  If the machine is gone for good: pulumi state delete forgets the image`,
    );
  });
  const { containers } = await removeImage(session, state);
  if (containers.length > 0) {
    console.log(`${state.host}: image ${state.image} stays: ${containers.join(", ")} uses it`);
  }
}

export { deleteImage as delete };
