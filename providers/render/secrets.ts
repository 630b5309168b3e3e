import { createHmac } from "node:crypto";
import type { SecretsSpec } from "../spec/service-spec.ts";
import { sortedTree, type Tree, type TreeFile, textFile, underFolder } from "./tree.ts";

/** The files under the release's private/. */
export function secretFiles({ env, files }: SecretsSpec): Tree {
  const lines = Object.keys(env)
    .sort()
    .map((name) => `${name}=${env[name]}\n`);
  return sortedTree({
    ...(lines.length === 0 ? {} : { env: textFile(lines.join(""), 0o600) }),
    ...underFolder(
      "files",
      Object.fromEntries(Object.entries(files).map(([path, file]) => [path.slice(1), file])),
    ),
  });
}

/**
 * A line for each secret with a keyed hash of it. The key is a secret itself, so that nobody can try values, and a
 * changed secret still changes what identifies the container.
 */
export function secretMarks({ env, files, salt }: SecretsSpec): TreeFile {
  const mark = (content: string) => markOf(content, salt);
  const marks = [
    ...Object.entries(env).map(([name, value]) => `env ${name} ${mark(value)}`),
    ...Object.entries(files).map(([path, { content, mode }]) => `file ${path} ${mark(`${mode} ${content}`)}`),
  ];
  return textFile(
    marks
      .sort()
      .map((line) => `${line}\n`)
      .join(""),
  );
}

export function markOf(content: string, salt: string): string {
  return createHmac("sha256", salt).update(content).digest("hex").slice(0, 16);
}
