import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";

/** Where the scripts are on every host. */
export const SCRIPTS_ON_HOST = "/usr/local/lib/rundock";

const FOLDER = new URL("../on-host/", import.meta.url);

/** Runs before there is anything of ours on a machine, and stays on none. */
const ELSEWHERE = ["bootstrap.sh"];

/** The constant scripts that every host gets: name -> text. */
export function hostScripts(): Record<string, string> {
  const names = readdirSync(FOLDER).filter((name) => /\.(sh|jq)$/.test(name) && !ELSEWHERE.includes(name));
  return Object.fromEntries(names.sort().map((name) => [name, readFileSync(new URL(name, FOLDER), "utf8")]));
}

/** The hash by which a changed script is seen, in state and on the host. */
export function contentHash(content: string): string {
  return createHash("sha256").update(content).digest("hex");
}
