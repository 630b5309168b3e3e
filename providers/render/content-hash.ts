import { createHash } from "node:crypto";
import type { Tree } from "./tree.ts";

/** A hash of paths, modes and contents; equal trees have equal hashes. */
export function treeHash(tree: Tree, length: number): string {
  const hash = createHash("sha256");
  for (const [path, { content, mode }] of Object.entries(tree)) {
    hash.update(`${path}\0${mode}\0${Buffer.byteLength(content)}\0${content}\0`);
  }
  return hash.digest("hex").slice(0, length);
}
