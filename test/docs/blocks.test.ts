import assert from "node:assert/strict";
import { test } from "node:test";
import { commandPages, guides, withinGuides } from "./guides.ts";
import { blocksOf, pages, readPage } from "./pages.ts";

const blocks = pages.flatMap(blocksOf);

test("blocks are written in a language that a test understands", () => {
  const others = blocks.filter(({ language }) => !["ts", "sh", "yaml", ""].includes(language));
  assert.deepEqual(placesOf(others), [], "use ```ts, ```sh, ```yaml, or ``` for what is printed or drawn");
});

test("every command is run by a test", () => {
  const followed = [...guides, ...Object.values(withinGuides).flat(), ...commandPages].map(
    ({ path }) => path,
  );
  const commands = pages
    .filter(({ path }) => !followed.includes(path))
    .flatMap(blocksOf)
    .filter(({ language }) => language === "sh");
  assert.deepEqual(placesOf(commands), [], "add the page to test/docs/guides.ts");
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
