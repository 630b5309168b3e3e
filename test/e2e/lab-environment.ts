import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import { claimLab } from "./lab-claim.ts";

/** The project's root. */
export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** Which lab this file's tests use, and its stack; the state of `test` is in `.lab-test/`. */
export const LAB = process.env.RUNDOCK_LABS
  ? await claimLab(process.env.RUNDOCK_LABS.split(" "))
  : (process.env.RUNDOCK_LAB ?? "test");

/** Where the lab keeps what it made: its `env`, keys and Pulumi's state. */
export const STATE = `${ROOT}/${LAB === "lab" ? ".lab" : `.lab-${LAB}`}`;

export interface LabHost {
  readonly name: string;
  readonly roles: readonly string[];
  readonly address: string;
  readonly hostKey: string;
  readonly privateAddress: string;
  readonly publicAddress?: string;
  readonly jump?: string;
}

/** The variables that the lab's `env` sets, over those of this process. */
export function labEnvironment(): Record<string, string> {
  const text = execFileSync("sh", ["-c", `. "${STATE}/env" && env -0`], { cwd: ROOT, encoding: "utf8" });
  const pairs = text.split("\0").filter((line) => line.includes("="));
  return Object.fromEntries(
    pairs.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
  );
}

/** The lab's stack configuration, as `lab up` wrote it. */
export function labConfiguration(): {
  readonly encryptionsalt: string;
  readonly config: Record<string, unknown> & { readonly "rundock:hosts": readonly LabHost[] };
} {
  return parse(readFileSync(`${ROOT}/Pulumi.${LAB}.yaml`, "utf8"));
}

/** Runs a command on a lab host. @throws with its output when it fails. */
export function onHost(host: string, ...words: string[]): string {
  const result = tryOnHost(host, ...words);
  if (result.status !== 0) throw new Error(`${host}: ${words.join(" ")}: ${result.stdout}${result.stderr}`);
  return result.stdout;
}

export function tryOnHost(host: string, ...words: string[]) {
  return lab("exec", host, ...words);
}

/** Runs one of the lab's own commands, such as `kill` or `start`. */
export function lab(...words: string[]) {
  return spawnSync(`${ROOT}/test/lab/lab`, words, {
    cwd: ROOT,
    encoding: "utf8",
    env: { ...process.env, RUNDOCK_LAB: LAB },
  });
}
