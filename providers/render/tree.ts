export interface TreeFile {
  readonly content: string;
  /** Such as 0o644. */
  readonly mode: number;
}

/**
 * Path -> file, sorted by path. Of a service the paths are those under /etc/sv/NAME, with the current release's files
 * under `current/`, as a person on the host finds them.
 */
export type Tree = Readonly<Record<string, TreeFile>>;

export function sortedTree(files: Readonly<Record<string, TreeFile>>): Tree {
  return Object.fromEntries(Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1)));
}

export function contentsOf(tree: Tree): Record<string, string> {
  return Object.fromEntries(Object.entries(tree).map(([path, { content }]) => [path, content]));
}

export function textFile(content: string, mode = 0o644): TreeFile {
  return { content, mode };
}

/** One word a line; the on-host scripts read them back with `read -r`. */
export function wordFile(words: readonly string[]): TreeFile {
  return textFile(words.map((word) => `${word}\n`).join(""));
}

export function underFolder(
  folder: string,
  files: Readonly<Record<string, TreeFile>>,
): Record<string, TreeFile> {
  return Object.fromEntries(Object.entries(files).map(([path, file]) => [`${folder}/${path}`, file]));
}
