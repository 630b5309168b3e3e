import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Where the scripts are in the repository. */
export const SCRIPTS = fileURLToPath(new URL("../../providers/on-host/", import.meta.url)).replace(/\/$/, "");

/** The shells that hosts have: Debian's and busybox's. */
export const SHELLS: readonly (readonly [string, ...string[]])[] = [["dash"], ["busybox", "ash"]];

/** A host's folders in a temporary place. */
export class HostFolders {
  readonly root = mkdtempSync(join(tmpdir(), "rundock-on-host-"));

  constructor() {
    for (const folder of ["etc", "run", "sv", "service"]) mkdirSync(join(this.root, folder));
  }

  write(path: string, content: string): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    writeFileSync(join(this.root, path), content);
  }

  path(path: string): string {
    return join(this.root, path);
  }

  get environment(): Record<string, string | undefined> {
    return {
      ...process.env,
      PATH: `${this.path("bin")}:${process.env.PATH}`,
      RUNDOCK_LIB: SCRIPTS,
      RUNDOCK_ETC: this.path("etc"),
      RUNDOCK_RUN: this.path("run"),
      RUNDOCK_SV: this.path("sv"),
      RUNDOCK_SERVICE: this.path("service"),
      RUNDOCK_DOCKER: this.path("docker.sock"),
    };
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** Runs a script's text, which may source the files in {@link SCRIPTS}. Only for what asks no server of this process. */
export function runText(
  [program, ...words]: readonly [string, ...string[]],
  folders: HostFolders,
  text: string,
  ...args: readonly string[]
) {
  return spawnSync(program, [...words, "-euc", text, `${SCRIPTS}/test`, ...args], {
    encoding: "utf8",
    env: folders.environment,
  });
}

/** Starts one of the scripts, and resolves with its exit code and output when it ends. */
export function startScript(
  [program, ...words]: readonly [string, ...string[]],
  folders: HostFolders,
  ...script: readonly string[]
) {
  const [name = "", ...args] = script;
  const child = spawn(
    program,
    [
      ...words,
      name.includes("\n") ? "-euc" : `${SCRIPTS}/${name}`,
      ...(name.includes("\n") ? [name, `${SCRIPTS}/test`] : []),
      ...args,
    ],
    {
      env: folders.environment,
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk;
  });
  const ended = new Promise<{ code: number | null; output: string }>((resolve) => {
    child.on("close", (code) => resolve({ code, output }));
  });
  return { child, ended };
}
