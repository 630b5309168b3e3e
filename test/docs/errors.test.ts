import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { marked } from "marked";
import { type Message, messagesOfSources, withoutEnds } from "./messages.ts";
import { ROOT, readPage } from "./pages.ts";

const PAGE = "docs/errors.md";

/** What the page tells of as a whole, by its grammar. */
const BY_GRAMMAR = /^should\b|^is missing$/;

/** Never shown: others put it into words. */
const INTERNAL = ["No response from server"];

const documented = firstCells().flatMap((cell) =>
  [...cell.matchAll(/`([^`]+)`/g)].map(([, text = ""]) => text),
);

function firstCells(): string[] {
  const cells: string[] = [];
  marked.walkTokens(marked.lexer(readPage(PAGE).text), (token) => {
    if (token.type === "table")
      cells.push(...token.rows.map((row: { text: string }[]) => row[0]?.text ?? ""));
  });
  return cells;
}

const messages = messagesOfSources();

test("docs/errors.md has every message of the sources", () => {
  const known = new Set(documented.map(withoutPath));
  const missing = messages.filter(
    ({ text }) => !known.has(text) && !BY_GRAMMAR.test(text) && !INTERNAL.includes(text),
  );
  assert.deepEqual(missing.map(rowFor), [], `add these rows to ${PAGE}, with what the reader is to do`);
});

/** The page may say of which property a message is. */
function withoutPath(text: string): string {
  return withoutEnds(text.replace(/^[\w.]+(\[…\])?: (?=is |…)/, ""));
}

function rowFor({ place, text }: Message): string {
  return `| \`${text}\` | (what to do) |   from ${place}`;
}

test("docs/errors.md has no message that the sources no longer have", () => {
  const known = new Set(messages.map(({ text }) => text));
  const sources = globSync("{providers,stacks}/**/*.ts", { cwd: ROOT }).map((file) =>
    readFileSync(`${ROOT}/${file}`, "utf8"),
  );
  const isInSources = (text: string) => sources.some((source) => source.includes(`"${text}"`));
  const stale = documented
    .map(withoutPath)
    .filter((text) => !known.has(text) && !isInSources(text) && !BY_GRAMMAR.test(text));
  assert.deepEqual(stale, [], `take these rows out of ${PAGE}`);
});
