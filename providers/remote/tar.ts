import { buffer } from "node:stream/consumers";
import { extract, pack } from "tar-stream";

export interface ArchiveFile {
  readonly content: Buffer | string;
  readonly mode: number;
}

/** A symbolic link. */
export interface ArchiveLink {
  readonly linkTo: string;
}

/** Paths to files; directories come from the paths. */
export type Archive = Readonly<Record<string, ArchiveFile | ArchiveLink>>;

/**
 * The last file of an archive that a script unpacks, which sees by it that all has come: tar takes an archive that was
 * cut off between two files for a whole one.
 */
export const WHOLE: Archive = { whole: { content: "", mode: 0o644 } };

/** The same archive gives the same bytes: no time and no owner but root. */
export async function packTar(archive: Archive): Promise<Buffer> {
  const stream = pack();
  const directories = new Set<string>();
  for (const [path, entry] of Object.entries(archive)) {
    for (const directory of parentsOf(path)) {
      if (directories.has(directory)) continue;
      directories.add(directory);
      stream.entry({ name: directory, type: "directory", mode: 0o755, mtime: new Date(0) });
    }
    const header = { name: path, mtime: new Date(0) };
    if ("linkTo" in entry) stream.entry({ ...header, type: "symlink", linkname: entry.linkTo });
    else stream.entry({ ...header, mode: entry.mode }, entry.content);
  }
  stream.finalize();
  return buffer(stream);
}

function parentsOf(path: string): string[] {
  const parts = path.split("/").slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join("/"));
}

/** A file as a host has it. */
export interface FoundFile {
  readonly content: string;
  readonly mode: number;
  /** UID:GID, of a file that is not root's. */
  readonly owner?: string;
}

/** The regular files of an archive; a `./` inside a path is dropped. */
export async function readTar(bytes: Buffer): Promise<Record<string, FoundFile>> {
  const files: Record<string, FoundFile> = {};
  const reader = extract();
  reader.end(bytes);
  for await (const entry of reader) {
    const content = (await buffer(entry)).toString("utf8");
    if (entry.header.type !== "file") continue;
    const { mode = 0, uid = 0, gid = 0 } = entry.header;
    files[entry.header.name.replaceAll("/./", "/").replace(/^\.\//, "")] = {
      content,
      mode: mode & 0o7777,
      ...(uid === 0 && gid === 0 ? {} : { owner: `${uid}:${gid}` }),
    };
  }
  return files;
}
