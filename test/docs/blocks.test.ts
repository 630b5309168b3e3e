import assert from "node:assert/strict";
import { test } from "node:test";
import { bareMachineGuide, guides, withinGuides } from "./guides.ts";
import { blocksOf, isRun, pages, readPage, reasonNotToRun } from "./pages.ts";

const blocks = pages.flatMap(blocksOf);

test("blocks are written in a language that a test understands", () => {
  const others = blocks.filter(({ language }) => !["ts", "sh", "yaml", ""].includes(language));
  assert.deepEqual(placesOf(others), [], "use ```ts, ```sh, ```yaml, or ``` for what is printed or drawn");
});

test("every command is run by a test, or says why not", (context) => {
  const inGuides = new Set(
    [...guides, ...Object.values(withinGuides).flat(), bareMachineGuide].map(({ path }) => path),
  );
  const commands = pages
    .filter(({ path }) => !inGuides.has(path))
    .flatMap(blocksOf)
    .filter(({ language }) => language === "sh");
  assert.deepEqual(
    placesOf(commands.filter(isRun)),
    [],
    "add the page to test/docs/guides.ts, or write <!-- not run: REASON --> above the block",
  );
  const left = blocks.filter((block) => !isRun(block));
  for (const block of left) {
    assert.notEqual(reasonNotToRun(block), "", `${block.place} gives no reason`);
    context.diagnostic(`not run: ${block.place}: ${reasonNotToRun(block)}`);
  }
});

test("the README's program is the one that the first guide runs", () => {
  const [inReadme, inGuide] = ["README.md", "docs/first-service.md"].map((path) =>
    blocksOf(readPage(path)).find(({ language }) => language === "ts"),
  );
  assert.equal(inReadme?.text, inGuide?.text);
});

test("the README leads to every page", () => {
  const { text } = readPage("README.md");
  assert.deepEqual(
    pages.map(({ path }) => path).filter((path) => path !== "README.md" && !text.includes(`(${path})`)),
    [],
    'add a link under "Read on"',
  );
});

function placesOf(list: typeof blocks): string[] {
  return list.map(({ place }) => place);
}
