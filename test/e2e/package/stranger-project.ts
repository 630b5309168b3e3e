import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { stringify } from "yaml";
import { labEnvironment, ROOT } from "../lab-environment.ts";
import type { ProgramKind } from "./program-kinds.ts";
import { copyRepository } from "./repository-copy.ts";

const PROGRAM = fileURLToPath(new URL("program/", import.meta.url));

/** A folder of somebody who has the package's tarball and nothing else of this repository. */
export class StrangerProject {
  readonly folder = mkdtempSync(join(tmpdir(), "rundock-stranger-"));
  /** What `npm pack` makes. */
  readonly tarball = join(this.folder, `rundock-${repositoryManifest().version}.tgz`);
  /** Where the package is after `install`. */
  readonly installed = join(this.folder, "node_modules/rundock/");

  pack(): void {
    const copy = join(this.folder, "repository");
    copyRepository(copy);
    this.#run(copy, "npm", "pack", "--loglevel=error", "--pack-destination", this.folder);
  }

  install(): void {
    const { "@pulumi/pulumi": pulumi, ...others } = repositoryManifest().devDependencies;
    writeJson(join(this.folder, "package.json"), {
      private: true,
      dependencies: { "@pulumi/pulumi": pulumi, rundock: `file:${this.tarball}` },
      devDependencies: { "@types/node": others["@types/node"], typescript: others.typescript },
    });
    this.#run(
      this.folder,
      "npm",
      "install",
      "--prefer-offline",
      "--no-audit",
      "--no-fund",
      "--loglevel=error",
    );
  }

  /** @returns the folder of a program of this kind, which finds the installed packages above it. */
  addProgram(kind: ProgramKind): string {
    const folder = mkdtempSync(join(this.folder, "program-"));
    const { files, packageType, runtime, compilerOptions } = kind;
    for (const file of files) cpSync(join(PROGRAM, file), join(folder, file));
    writeJson(join(folder, "package.json"), { private: true, type: packageType, main: files[0] });
    writeFileSync(join(folder, "Pulumi.yaml"), stringify({ name: "stranger", runtime }));
    if (compilerOptions) writeJson(join(folder, "tsconfig.json"), { compilerOptions });
    return folder;
  }

  /** @throws with what the stranger's own compiler says. */
  checkTypes(folder: string): void {
    this.#run(folder, join(this.folder, "node_modules/.bin/tsc"), "--noEmit");
  }

  /** Runs a module beside the installed packages. @returns what it prints. */
  evaluate(module: string): string {
    return this.#run(this.folder, "node", "--input-type=module", "--eval", module);
  }

  #run(folder: string, program: string, ...words: string[]): string {
    try {
      return execFileSync(program, words, {
        cwd: folder,
        env: labEnvironment(),
        encoding: "utf8",
        stdio: "pipe",
      });
    } catch (error) {
      const { stdout, stderr } = error as { stdout: string; stderr: string };
      throw new Error(`${program} ${words.join(" ")} failed:\n${stdout}${stderr}`);
    }
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}

function repositoryManifest(): { version: string; devDependencies: Record<string, string> } {
  return JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
}

function writeJson(path: string, value: object): void {
  writeFileSync(path, JSON.stringify(value));
}
