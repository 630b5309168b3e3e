import type { ServiceSpec } from "../spec/service-spec.ts";
import { announceText } from "./announce.ts";
import { configFiles, secretConfigFiles } from "./config.ts";
import { containerWords } from "./container.ts";
import { treeHash } from "./content-hash.ts";
import { readyFiles } from "./ready.ts";
import { secretFiles, secretMarks } from "./secrets.ts";
import { serviceDirectory } from "./service-directory.ts";
import { sortedTree, type Tree, type TreeFile, textFile, underFolder, wordFile } from "./tree.ts";

/** Everything that a service is on its host. */
export interface RenderedService {
  readonly tree: Tree;
  /** The name of the release's directory: a hash of all that is in it. */
  readonly release: string;
  /** The files under the release's private/. */
  readonly secretFiles: Tree;
  /** Those of the live configuration, under private/config/. */
  readonly secretConfigFiles: Tree;
}

/** The same specification gives the same bytes. */
export function renderService(spec: ServiceSpec): RenderedService {
  const release = releaseFiles(spec);
  return {
    tree: sortedTree({ ...serviceDirectory(spec), ...underFolder("current", release) }),
    release: treeHash(release, 12),
    secretFiles: spec.secrets === null ? {} : secretFiles(spec.secrets),
    secretConfigFiles: spec.config === null ? {} : secretConfigFiles(spec.config),
  };
}

function releaseFiles(spec: ServiceSpec): Tree {
  const defining = definingFiles(spec);
  return sortedTree({
    ...defining,
    image: textFile(`${spec.image}\n`),
    identity: textFile(`${treeHash(defining, 16)}\n`),
    ...readyFiles(spec.ready),
    ...(spec.config === null ? {} : configFiles(spec.config)),
    ...(spec.announce === null ? {} : { announce: textFile(announceText(spec, spec.announce)) }),
  });
}

/** What makes a container another one when it changes. */
function definingFiles(spec: ServiceSpec): Tree {
  const files: Record<string, TreeFile> = Object.fromEntries(
    Object.entries(spec.files).map(([path, file]) => [path.slice(1), file]),
  );
  return sortedTree({
    container: wordFile(containerWords(spec)),
    ...underFolder("files", files),
    ...(spec.secrets === null ? {} : { secrets: secretMarks(spec.secrets) }),
  });
}
