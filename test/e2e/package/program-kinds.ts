/** How a stranger's program is set up. */
export interface ProgramKind {
  /** Files of `program/` that it consists of, the first of which Pulumi runs. */
  readonly files: readonly string[];
  readonly packageType: "commonjs" | "module";
  /** `runtime` of its Pulumi.yaml. */
  readonly runtime: unknown;
  /** Of its tsconfig.json; a program in JavaScript has none. */
  readonly compilerOptions?: object;
}

export const PROGRAM_KINDS: Readonly<Record<string, ProgramKind>> = {
  /** As `pulumi new typescript` sets it up: compiled by Pulumi itself, and blind to `exports`. */
  "TypeScript as Pulumi compiles it": {
    files: ["index.ts", "refused-types.ts"],
    packageType: "commonjs",
    runtime: "nodejs",
    compilerOptions: { strict: true, target: "es2020", module: "commonjs", moduleResolution: "node" },
  },
  "TypeScript as Node runs it": {
    files: ["index.ts", "refused-types.ts"],
    packageType: "module",
    runtime: { name: "nodejs", options: { typescript: false } },
    compilerOptions: { strict: true, target: "es2024", module: "nodenext", moduleResolution: "nodenext" },
  },
  JavaScript: { files: ["index.js"], packageType: "module", runtime: "nodejs" },
};
