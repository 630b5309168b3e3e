import { rightsText } from "../plan/service-state.ts";
import { RemoteError } from "./errors.ts";
import { SCRIPTS_ON_HOST } from "./host-scripts.ts";
import type { Session } from "./session.ts";
import { type FoundFile, readTar } from "./tar.ts";

/** A container as Docker lists it; only what is used here. */
export interface ListedContainer {
  readonly Names: readonly string[];
  readonly ImageID: string;
  readonly State: string;
  readonly Labels: Readonly<Record<string, string>>;
}

/** Everything of ours on one host, taken in one round trip. */
export interface HostSnapshot {
  readonly containers: readonly ListedContainer[];
  /** Names under /etc/service. */
  readonly links: ReadonlySet<string>;
  /** `NAME/PATH`, PATH under the release's private/ -> sha256 of a secret file. */
  readonly secretHashes: Readonly<Record<string, string>>;
  /** The same paths, and that of the folder itself, which is empty -> mode as octal digits, and the owner if it is not root. */
  readonly secretModes: Readonly<Record<string, string>>;
  /** `NAME/releases/RELEASE/files/PATH`, or `…/private/files/PATH` -> sha256; null of a host with older scripts. */
  readonly mountedHashes: Readonly<Record<string, string>> | null;
  /** Absolute path -> sha256 of the host-wide scripts and files. */
  readonly hostFileHashes: Readonly<Record<string, string>>;
  /** The same paths -> mode as octal digits, and the owner if it is not root. */
  readonly hostFileModes: Readonly<Record<string, string>>;
  /** Service name -> path as in a rendered tree -> file. */
  readonly trees: Readonly<Record<string, Readonly<Record<string, FoundFile>>>>;
}

const DEADLINE_SECONDS = 60;
const NOT_INSTALLED = 44;
const TAKE = `test -e "$1" || exit ${NOT_INSTALLED}; exec sh "$1"`;

/** @returns null when the host's scripts are not there: a new machine, or one that was emptied. */
export async function takeSnapshot(session: Session, host: string): Promise<HostSnapshot | null> {
  const script = `${SCRIPTS_ON_HOST}/snapshot.sh`;
  const result = await session.run(host, {
    words: ["sh", "-c", TAKE, "sh", script],
    deadlineSeconds: DEADLINE_SECONDS,
  });
  if (result.code === NOT_INSTALLED) return null;
  if (result.code !== 0) {
    const cause = `exit code ${result.code}: ${result.stderr.trim()}`;
    throw new RemoteError(host, { verb: "read", object: "the services", cause });
  }
  return parseSnapshot(await readTar(result.stdout));
}

function parseSnapshot(files: Record<string, FoundFile>): HostSnapshot {
  const text = (name: string) => files[name]?.content ?? "";
  return {
    containers: JSON.parse(text("containers.json") || "[]") as ListedContainer[],
    links: new Set(linesOf(text("links"))),
    secretHashes: secretHashes(text("secrets")),
    secretModes: secretModes(text("secret-modes")),
    mountedHashes: files.mounted === undefined ? null : hashLines(text("mounted")),
    hostFileHashes: hashLines(text("scripts")),
    hostFileModes: hostFileModes(text("script-modes")),
    trees: treesIn({ ...files, ...extraFiles(text("extras")) }),
  };
}

/** What neither Rundock nor runsv made, without its content. */
function extraFiles(text: string): Record<string, FoundFile> {
  return Object.fromEntries(
    linesOf(text).map((path) => [path, { content: "(not made by Rundock)\n", mode: 0o644 }]),
  );
}

function treesIn(files: Record<string, FoundFile>): HostSnapshot["trees"] {
  const trees: Record<string, Record<string, FoundFile>> = {};
  for (const [path, file] of Object.entries(files)) {
    const match = /^([^/]+)\/(?:releases\/)?(.+)$/.exec(path);
    if (!match?.[1] || !match[2]) continue;
    trees[match[1]] ??= {};
    (trees[match[1]] as Record<string, typeof file>)[match[2]] = file;
  }
  return trees;
}

function secretHashes(text: string): Record<string, string> {
  const hashes = Object.entries(hashLines(text));
  return Object.fromEntries(
    hashes.map(([path, hash]) => [path.replace("/releases/current/private/./", "/"), hash]),
  );
}

/** Lines MODE UID:GID KIND PATH. Of folders only the outermost counts, into which nobody else may go. */
function secretModes(text: string): Record<string, string> {
  const line = /^(\d+) (\S+) (.+?) ([^/ ]+)\/releases\/current\/private\/\.\/?(.*)$/;
  const modes = linesOf(text).flatMap((each) => {
    const [, mode = "", owner = "", kind, name, path] = line.exec(each) ?? [];
    return kind === "directory" && path !== "" ? [] : [[`${name}/${path}`, rights(mode, owner)]];
  });
  return Object.fromEntries(modes);
}

/** Lines MODE UID:GID PATH. */
function hostFileModes(text: string): Record<string, string> {
  const modes = linesOf(text).map((line) => {
    const [mode = "", owner = "", ...path] = line.split(" ");
    return [path.join(" "), rights(mode, owner)];
  });
  return Object.fromEntries(modes);
}

function rights(mode: string, owner: string): string {
  return rightsText(Number.parseInt(mode, 8), owner);
}

/** Lines of sha256sum: path -> hash. */
function hashLines(text: string): Record<string, string> {
  return Object.fromEntries(linesOf(text).map((line) => [line.slice(66), line.slice(0, 64)]));
}

function linesOf(text: string): string[] {
  return text.split("\n").filter((line) => line !== "");
}
