import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { stringify } from "yaml";
import { LAB, labConfiguration, labEnvironment, ROOT } from "./lab-environment.ts";
import { keepImages, leaveLab, useLab } from "./lab-use.ts";

export interface PulumiResult {
  readonly code: number;
  /** stdout and stderr as they came. */
  readonly output: string;
}

/** A stack of its own of some Pulumi program, driven by the real CLI with the test lab's backend and passphrase. */
export class PulumiStack {
  readonly #program: string;
  readonly name: string;
  readonly #environment: Record<string, string>;

  /** @param program the folder of its Pulumi.yaml */
  constructor(program: string, name = `e2e-${randomBytes(4).toString("hex")}`) {
    this.#program = program;
    this.name = name;
    const { PULUMI_STACK: _, ...environment } = labEnvironment();
    this.#environment = environment;
  }

  /** The environment's own stack, which the lab made. */
  static ofLab(): PulumiStack {
    return new PulumiStack(ROOT, LAB);
  }

  async create(): Promise<void> {
    useLab(this.name);
    this.configure({});
    await this.succeed("stack", "init", this.name);
  }

  /** Replaces the stack's whole configuration. */
  configure(values: Readonly<Record<string, unknown>>): void {
    const { encryptionsalt } = labConfiguration();
    writeFileSync(this.#configFile, stringify({ encryptionsalt, config: values }));
  }

  get #configFile(): string {
    return `${this.#program}/Pulumi.${this.name}.yaml`;
  }

  run(command: string, ...words: string[]): Promise<PulumiResult> {
    return this.start(command, ...words).result;
  }

  /** Starts the CLI; `up`, `refresh` and `destroy` get the flags that spare a person's answers. */
  start(
    command: string,
    ...words: string[]
  ): { readonly pid: number; readonly result: Promise<PulumiResult> } {
    const flags = ["up", "refresh", "destroy"].includes(command) ? ["--yes", "--skip-preview"] : [];
    const isInit = command === "stack" && words[0] === "init";
    const stack = isInit ? [] : ["--stack", this.name];
    const child = spawn(
      "pulumi",
      [command, ...words, ...flags, ...stack, "--non-interactive", "--color", "never"],
      { cwd: this.#program, env: this.#environment, stdio: ["ignore", "pipe", "pipe"] },
    );
    let output = "";
    const keep = (chunk: Buffer) => {
      output += chunk;
    };
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    const result = new Promise<PulumiResult>((resolve) =>
      child.on("exit", (code) => resolve({ code: code ?? -1, output })),
    );
    return { pid: child.pid as number, result };
  }

  /** @returns the output. @throws with the output when the CLI fails. */
  async succeed(command: string, ...words: string[]): Promise<string> {
    const { code, output } = await this.run(command, ...words);
    if (code !== 0) throw new Error(`pulumi ${command} ended with ${code}:\n${output}`);
    return output;
  }

  /** Destroys what is left and forgets the stack. */
  async remove(): Promise<void> {
    await keepImages();
    await this.succeed("destroy", "--remove");
    leaveLab(this.name);
  }
}
