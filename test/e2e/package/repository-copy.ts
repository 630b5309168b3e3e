import { cpSync, symlinkSync } from "node:fs";
import { basename, join } from "node:path";
import { ROOT } from "../lab-environment.ts";

/** Copies the repository, so that packing leaves its own package.json in place while others use it. */
export function copyRepository(folder: string): void {
  const left = /^(node_modules|dist|\.git|\.lab.*)$/;
  cpSync(ROOT, folder, { recursive: true, filter: (path) => path === ROOT || !left.test(basename(path)) });
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
}
