// Reads the repository's package.json from stdin and prints the package's: it points at compiled code, and lacks what
// only the repository needs.
import { readFileSync } from "node:fs";

interface RepositoryManifest {
  /** Subpath -> TypeScript source. */
  readonly exports: Readonly<Record<string, string>>;
  readonly scripts: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

console.log(JSON.stringify(packageManifest(JSON.parse(readFileSync(0, "utf8"))), null, 2));

function packageManifest(repository: RepositoryManifest): object {
  const { private: _, scripts, exports: sources, devDependencies, allowScripts, ...kept } = repository;
  const { prepack, postpack } = scripts;
  const exports = Object.fromEntries(
    Object.entries(sources).map(([subpath, source]) => [subpath, compiled(source)]),
  );
  const door = exports["."];
  return {
    ...kept,
    // For a module resolution that does not know `exports`: Pulumi's TypeScript template has such a one.
    main: door?.default,
    types: door?.types,
    exports,
    // A packing that was cut short leaves this manifest in the repository, and prepack says so.
    scripts: { prepack, postpack },
  };
}

function compiled(source: string): { types: string; default: string } {
  const path = source.replace(/^\.\/providers\/(.*)\.ts$/, "./dist/$1");
  return { types: `${path}.d.ts`, default: `${path}.js` };
}
