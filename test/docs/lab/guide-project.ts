import { execFileSync, spawn } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { labKey } from "../../e2e/lab-connection.ts";
import { labEnvironment } from "../../e2e/lab-environment.ts";
import { copyRepository } from "../../e2e/package/repository-copy.ts";

export interface ShellResult {
  readonly code: number;
  /** stdout and stderr as they came. */
  readonly output: string;
}

/**
 * A reader's machine: a home folder with the key that the lab's hosts know, a clone of this repository, and a shell that
 * goes on in the folder and with the variables where the last commands ended.
 */
export class GuideProject {
  readonly #folder = mkdtempSync(join(tmpdir(), "rundock-guides-"));
  readonly #home = join(this.#folder, "home");
  readonly #programs = join(this.#folder, "programs");
  readonly #variables = join(this.#folder, "variables");
  readonly #place = join(this.#folder, "place");
  readonly #environment = this.#readersEnvironment();

  prepare(): void {
    copyRepository(join(this.#folder, "rundock"));
    mkdirSync(join(this.#home, ".ssh"), { recursive: true });
    this.#addSshFiles();
    this.#addPrograms();
    writeFileSync(this.#variables, "");
    writeFileSync(this.#place, this.#folder);
  }

  /** ssh(1) asks the system, not $HOME, where the home is, hence the paths; it hands a file on to the ssh of a jump host. */
  #addSshFiles(): void {
    const folder = join(this.#home, ".ssh");
    const key = join(folder, "id_ed25519");
    mkdirSync(folder, { recursive: true });
    writeFileSync(key, labKey(), { mode: 0o600 });
    writeFileSync(`${key}.pub`, execFileSync("ssh-keygen", ["-y", "-f", key]));
    const settings = [
      `IdentityFile ${key}`,
      `UserKnownHostsFile ${join(folder, "known_hosts")}`,
      "StrictHostKeyChecking accept-new",
      "LogLevel ERROR",
    ];
    writeFileSync(join(folder, "config"), settings.join("\n"));
  }

  /** In the place of `pulumi` one that asks nobody, and of `ssh` one whose home is the reader's. */
  #addPrograms(): void {
    mkdirSync(this.#programs);
    this.#addProgram(
      "pulumi",
      'case $1 in up | refresh | destroy) set -- "$@" --yes --skip-preview ;; esac',
      `exec ${this.#pathOf("pulumi")} "$@" --non-interactive --color never`,
    );
    this.#addProgram("ssh", `exec ${this.#pathOf("ssh")} -F "$HOME/.ssh/config" "$@"`);
  }

  /** Installs a plugin of Pulumi's, as far as Pulumi knows; `script` is its program. */
  addPlugin(name: string, version: string, script: string): void {
    const folder = join(this.#home, ".pulumi/plugins", `resource-${name}-v${version}`);
    mkdirSync(folder, { recursive: true });
    addProgram(join(folder, `pulumi-resource-${name}`), script);
  }

  /** What the reader answers when ssh asks for a password. */
  askedForPassword(password: string): void {
    this.#addProgram("answer", `echo '${password}'`);
    Object.assign(this.#environment, {
      SSH_ASKPASS: join(this.#programs, "answer"),
      SSH_ASKPASS_REQUIRE: "force",
    });
  }

  #pathOf(program: string): string {
    const options = { encoding: "utf8", env: labEnvironment() } as const;
    return execFileSync("sh", ["-c", `command -v ${program}`], options).trim();
  }

  #addProgram(name: string, ...lines: string[]): void {
    addProgram(join(this.#programs, name), ...lines);
  }

  /** The lab's, without what it knows of the lab's own stack, and with this machine's cache of packages. */
  #readersEnvironment(): Record<string, string> {
    const lab = Object.entries(labEnvironment()).filter(
      ([name]) => !/^PULUMI_(STACK|BACKEND_URL|CONFIG_)/.test(name),
    );
    const { PATH, ...others } = Object.fromEntries(lab);
    return {
      npm_config_cache: join(homedir(), ".npm"),
      npm_config_userconfig: join(homedir(), ".npmrc"),
      npm_config_prefer_offline: "true",
      npm_config_audit: "false",
      npm_config_fund: "false",
      ...others,
      HOME: this.#home,
      PULUMI_HOME: join(this.#home, ".pulumi"), // which Pulumi would not seek in $HOME
      PATH: `${this.#programs}:${PATH}`,
    };
  }

  /** @param file after `>>` it is one whose end the text becomes */
  write(file: string, text: string): void {
    const [, append, name = ""] = file.match(/^(>>)?(.*)$/) ?? [];
    const path = join(readFileSync(this.#place, "utf8").trim(), name);
    writeFileSync(path, `${text}\n`, { flag: append ? "a" : "w" });
  }

  run(commands: string): Promise<ShellResult> {
    const script = `. '${this.#variables}'; cd "$(cat '${this.#place}')"
${commands}
export -p > '${this.#variables}'; pwd > '${this.#place}'`;
    const child = spawn("sh", ["-eu", "-c", `exec 2>&1\n${script}`], {
      cwd: this.#folder,
      env: this.#environment,
      stdio: ["ignore", "pipe", "inherit"],
    });
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => {
      output += chunk;
    });
    return new Promise((resolve) => child.on("close", (code) => resolve({ code: code ?? -1, output })));
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true });
  }
}

function addProgram(path: string, ...lines: string[]): void {
  writeFileSync(path, ["#!/bin/sh", ...lines, ""].join("\n"));
  chmodSync(path, 0o755);
}
