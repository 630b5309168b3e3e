import { homedir } from "node:os";
import { join, resolve } from "node:path";

/** The absolute path of one that a person wrote: `~/` is the home folder. */
export function homePath(path: string): string {
  return path.startsWith("~/") ? join(homedir(), path.slice(2)) : resolve(path);
}
