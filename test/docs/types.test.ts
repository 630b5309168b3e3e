import assert from "node:assert/strict";
import { test } from "node:test";
import * as door from "rundock";
import ts from "typescript";
import { blocksOf, pages, ROOT } from "./pages.ts";

/** What fragments may name without declaring it. */
const CONTEXT = `
import * as pulumi from "@pulumi/pulumi";
import type { Host } from "rundock";
declare global {
  const config: pulumi.Config;
  const machine: Host, back1: Host, back2: Host, back3: Host;
  const hostKey: string, frontKey: string, image: string;
  const zoneOf: (host: string) => string;
}
`;

/** File name in docs/ -> text. */
const programs = new Map([["context.ts", CONTEXT]]);
for (const { place, text } of pages.flatMap(blocksOf).filter(({ language }) => language === "ts"))
  programs.set(`${place.replace(/[/:]/g, "-")}.ts`, `${importsOf(text)}${text}\nexport {};`);

/** A fragment that imports nothing stands for a piece of a program that imports all. */
function importsOf(text: string): string {
  const imports = `import * as pulumi from "@pulumi/pulumi"; import { ${Object.keys(door).join(", ")} } from "rundock"; `;
  return /^import /m.test(text) ? "" : imports;
}

test("every program and fragment in the documentation compiles", () => {
  const names = [...programs.keys()].map((name) => `${ROOT}/docs/${name}`);
  const program = ts.createProgram(names, compilerOptions(), hostWithPrograms());
  const faults = ts.getPreEmitDiagnostics(program).map(describe);
  assert.deepEqual(faults, []);
});

function compilerOptions(): ts.CompilerOptions {
  const { config } = ts.readConfigFile(`${ROOT}/tsconfig.json`, ts.sys.readFile);
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, ROOT);
  return { ...options, noUnusedLocals: false, noUnusedParameters: false };
}

/** The blocks are files in docs/ that only the compiler sees, so that `rundock` is the repository itself. */
function hostWithPrograms(): ts.CompilerHost {
  const host = ts.createCompilerHost(compilerOptions());
  const { readFile, fileExists } = host;
  const textOf = (path: string) =>
    path.startsWith(`${ROOT}/docs/`) ? programs.get(path.slice(`${ROOT}/docs/`.length)) : undefined;
  host.readFile = (path) => textOf(path) ?? readFile(path);
  host.fileExists = (path) => textOf(path) !== undefined || fileExists(path);
  host.getSourceFile = (path, target) => {
    const text = host.readFile(path);
    return text === undefined ? undefined : ts.createSourceFile(path, text, target);
  };
  return host;
}

function describe({ file, start = 0, messageText }: ts.Diagnostic): string {
  const message = ts.flattenDiagnosticMessageText(messageText, "\n");
  if (!file) return message;
  const line = file.text.slice(0, start).split("\n").length;
  return `${file.fileName.replace(`${ROOT}/`, "")}, line ${line} of the block: ${message}`;
}
