import type { ConfigSpec } from "../spec/service-spec.ts";
import { type TreeFile, textFile, underFolder, wordFile } from "./tree.ts";

/** The live configuration, how it is checked, and how the container is told. */
export function configFiles(config: ConfigSpec): Record<string, TreeFile> {
  const files = Object.entries(config.files).map(([path, content]) => [path, textFile(content)]);
  return {
    ...underFolder("config", Object.fromEntries(files)),
    ...(config.check === null ? {} : { "config.check": wordFile(config.check.map(onStagedCopy(config))) }),
    ...(config.reload === null ? {} : { "config.reload": reloadFile(config.reload) }),
  };
}

/** apply.sh puts the release's hash in the place of `{release}`: the hash cannot be part of what it is made from. */
function onStagedCopy({ directory }: ConfigSpec): (word: string) => string {
  return (word) => word.replaceAll("{config}", `${directory}/{release}/config`);
}

function reloadFile(reload: NonNullable<ConfigSpec["reload"]>): TreeFile {
  return "signal" in reload ? wordFile([`signal ${reload.signal}`]) : wordFile(["exec", ...reload.command]);
}
