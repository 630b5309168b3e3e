import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { commandPages } from "./guides.ts";
import { blocksOf, pages, ROOT } from "./pages.ts";

/** npm's own part and the project's scripts are the real ones. */
const REAL = ["package.json", "test/run", "test/lab/demo", "test/bench/run"];
/** What these start: each stands in by noting its call. */
const PROGRAMS = ["node", "biome", "tsc", "shellcheck", "git", "pulumi"].map(
  (name) => `node_modules/.bin/${name}`,
);
const SCRIPTS = ["test/lab/lab", "test/install-packages.sh", "test/lab/ensure-node.sh"];

/**
 * Command -> what it comes to, in this order and with nothing else of `lab` and `pulumi`; labs come up beside all else,
 * and stand first.
 */
const OUTCOMES: Readonly<Record<string, readonly string[]>> = {
  "npm test": [
    "lab up",
    "lab up",
    "biome ci",
    "tsc",
    "node --test .* test/docs/",
    "node test/lab-tests.ts",
    "lab down",
    "lab down",
  ],
  "npm test -- static unit": ["biome ci", "tsc", "node --test .* test/docs/"],
  "KEEP_LAB=1 npm test -- lab": ["lab up", "lab up", "node test/lab-tests.ts"],
  "npm run format": ["biome check --write"],
  "npm run bench -- 3 30": ["lab up", "node test/bench/bench.ts 3 30"],
  "npm run bench -- failover": ["lab up", "node test/bench/failover.ts"],
  "npm run bench -- failover certificates": ["lab up", "node test/bench/failover.ts certificates"],
  "npm run bench -- failover configuration": ["lab up", "node test/bench/failover.ts configuration"],
  "npm run bench -- failover coredns": ["lab up", "node test/bench/failover.ts coredns"],
  "npm run bench -- failover frontend": ["lab up", "node test/bench/failover.ts frontend"],
  "npm run bench -- announcer": ["lab up", "node test/bench/announcer.ts"],
  "npm run demo": [
    "lab up",
    "pulumi preview --diff",
    "pulumi up --yes",
    "node test/lab/print-environment.ts",
  ],
  "npm run demo -- --down": ["lab down"],
  "npm run reference": ["node package/reference/main.ts"],
};

const folder = mkdtempSync(join(tmpdir(), "rundock-commands-"));
const calls = join(folder, "calls");

before(() => {
  for (const path of REAL) cpSync(join(ROOT, path), join(folder, path));
  for (const path of [...PROGRAMS, ...SCRIPTS]) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), `#!/bin/sh\necho "\${0##*/} $*" >>'${calls}'\n`);
    chmodSync(join(folder, path), 0o755);
  }
  mkdirSync(join(folder, ".lab"));
  writeFileSync(join(folder, ".lab/env"), "");
});

after(() => rmSync(folder, { recursive: true }));

/** Those in the blocks of the pages that are about the repository itself, and those that the text of any page names. */
function documentedCommands(): string[] {
  const blocks = commandPages.flatMap(blocksOf).filter(({ language }) => language === "sh");
  const lines = blocks.flatMap(({ text }) => text.split("\n"));
  const inText = pages.flatMap(({ text }) =>
    [...text.matchAll(/`(npm (?:test|run) ?[^`]*)`/g)].map(([, words = ""]) => words),
  );
  return [...new Set([...lines, ...inText].map((line) => line.replace(/\s+#.*/, "").trim()))]
    .filter(Boolean)
    .sort();
}

test("every command for working on the repository is one of those that are tried here", () => {
  assert.deepEqual(documentedCommands(), Object.keys(OUTCOMES).sort());
});

for (const [command, outcome] of Object.entries(OUTCOMES)) {
  test(`${command} does what it says, and names files that there are`, () => {
    rmSync(calls, { force: true });
    const env = { ...process.env, npm_config_update_notifier: "false", KEEP_LAB: "", RUNDOCK_LAB: "" };
    const { status, stdout, stderr } = spawnSync("sh", ["-eu", "-c", command], {
      cwd: folder,
      env,
      encoding: "utf8",
    });
    assert.equal(status, 0, `${stdout}${stderr}`);
    const made = readFileSync(calls, "utf8").trim().split("\n");
    const isUp = (call: string) => call.startsWith("lab up");
    const told = made
      .filter((call) => /^(biome|tsc|node|lab|pulumi)/.test(call))
      .sort((a, b) => Number(isUp(b)) - Number(isUp(a)));
    assert.equal(told.length, outcome.length, told.join("\n"));
    for (const [index, pattern] of outcome.entries())
      assert.match(String(told[index]), new RegExp(`^${pattern}`));
    const files = told.flatMap((call) =>
      call.split(" ").filter((word) => /^(test|package)\/.*\.ts$/.test(word)),
    );
    assert.deepEqual(
      files.filter((file) => globSync(file, { cwd: ROOT }).length === 0),
      [],
    );
  });
}
