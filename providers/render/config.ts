import type { ConfigSpec, SecretConfigSpec } from "../spec/service-spec.ts";
import { markOf } from "./secrets.ts";
import { sortedTree, type Tree, type TreeFile, textFile, underFolder, wordFile } from "./tree.ts";

/** The live configuration, how it is checked, and how the container is told. */
export function configFiles(config: ConfigSpec): Record<string, TreeFile> {
  const files = Object.entries(config.files).map(([path, content]) => [path, textFile(content)]);
  return {
    ...underFolder("config", Object.fromEntries(files)),
    ...(config.secret === null ? {} : { "config.secrets": secretConfigMarks(config.secret) }),
    ...(config.check === null
      ? {}
      : { "config.check": wordFile(config.check.map((word) => inRelease(word, config))) }),
    ...(config.reload === null ? {} : { "config.reload": reloadFile(config.reload, config) }),
  };
}

/**
 * The word with the place of the configuration in the container. The scripts on the host put a directory in the place of
 * `{release}`: a hash cannot be part of what it is made from.
 */
export function inRelease(word: string, { directory }: ConfigSpec): string {
  // As a function, since `$&` and its like would mean something in a text.
  return word.replace("{config}", () => `${directory}/{release}/config`);
}

function reloadFile(reload: NonNullable<ConfigSpec["reload"]>, config: ConfigSpec): TreeFile {
  return "signal" in reload
    ? wordFile([`signal ${reload.signal}`])
    : wordFile(["exec", ...reload.command.map((word) => inRelease(word, config))]);
}

/** The secret files under the release's private/; each has a link among the others, see service-archive.ts. */
export function secretConfigFiles({ secret }: ConfigSpec): Tree {
  const files = Object.entries(secret?.files ?? {}).map(([path, content]) => [
    path,
    textFile(content, 0o600),
  ]);
  return sortedTree(underFolder("config", Object.fromEntries(files)));
}

/** A line for each with a keyed hash, whose key is a secret itself. It changes the release, and not the container. */
function secretConfigMarks({ files, salt }: SecretConfigSpec): TreeFile {
  const lines = Object.keys(files)
    .sort()
    .map((path) => `${path} ${markOf(files[path] ?? "", salt)}\n`);
  return textFile(lines.join(""));
}
