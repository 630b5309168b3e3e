import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { test } from "node:test";
import { marked } from "marked";
import { type Page, pages, ROOT, readPage } from "./pages.ts";

for (const page of pages) {
  test(`the links of ${page.path} lead somewhere`, () => {
    assert.deepEqual(
      linksOf(page)
        .map((link) => fault(page, link))
        .filter(Boolean),
      [],
    );
  });
}

function linksOf({ text }: Page): string[] {
  const links: string[] = [];
  marked.walkTokens(marked.lexer(text), (token) => {
    if (token.type === "link" || token.type === "image") links.push(token.href);
  });
  return links.filter((link) => !/^https?:/.test(link));
}

function fault(page: Page, link: string): string {
  const [file = "", anchor = ""] = link.split("#");
  const path = file === "" ? page.path : relative(ROOT, join(ROOT, dirname(page.path), file));
  if (!existsSync(join(ROOT, path))) return `${link}: there is no ${path}`;
  const isFound = anchor === "" || anchorsOf(readPage(path)).includes(anchor);
  return isFound ? "" : `${link}: ${path} has no such heading`;
}

/** As GitHub makes them of headings. */
function anchorsOf({ text }: Page): string[] {
  const anchors: string[] = [];
  marked.walkTokens(marked.lexer(text), (token) => {
    if (token.type === "heading")
      anchors.push(
        token.text
          .toLowerCase()
          .replace(/[^\p{L}\p{N}\s_-]/gu, "")
          .replaceAll(" ", "-"),
      );
  });
  return anchors;
}
