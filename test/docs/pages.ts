// The pages of the documentation, cut into blocks of code.
import { readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { marked, type Token } from "marked";

export const ROOT = resolve(fileURLToPath(new URL("../..", import.meta.url)));

export interface Page {
  /** As from the repository's root, such as `docs/ssh.md`. */
  readonly path: string;
  readonly text: string;
}

/** A fenced block. */
export interface Block {
  /** Where it stands, as `docs/ssh.md:12`. */
  readonly place: string;
  /** The word behind the fence; empty for what a command prints, and for drawings. */
  readonly language: string;
  /** The second word behind the fence: the file that the reader writes it into, or `>>` and the one that it ends; or empty. */
  readonly file: string;
  /** The HTML comment right before the block, such as `fails`, or empty. */
  readonly remark: string;
  readonly text: string;
}

export const pages: readonly Page[] = ["README.md", ...markdownFiles("docs/")].map(readPage);

export function readPage(path: string): Page {
  return { path, text: readFileSync(`${ROOT}/${path}`, "utf8") };
}

function markdownFiles(folder: string): string[] {
  const files = readdirSync(`${ROOT}/${folder}`, { recursive: true, encoding: "utf8" });
  return files
    .filter((file) => file.endsWith(".md"))
    .sort()
    .map((file) => folder + file);
}

export function blocksOf({ path, text }: Page): Block[] {
  const blocks: Block[] = [];
  let read = 0;
  let remark = "";
  marked.walkTokens(marked.lexer(text), (token) => {
    if (token.type === "space") return;
    if (token.type === "code") {
      const [language = "", file = ""] = (token.lang ?? "").split(" ");
      read = text.indexOf(token.raw.split("\n", 1)[0] ?? "", read) + 1;
      const place = `${path}:${text.slice(0, read).split("\n").length}`;
      blocks.push({ place, language, file, remark, text: token.text });
    }
    remark = remarkOf(token);
  });
  return blocks;
}

function remarkOf(token: Token): string {
  const [, remark = ""] = (token.type === "html" && token.raw.match(/^<!--\s*(.*?)\s*-->\s*$/s)) || [];
  return remark;
}

/** Whether the commands before it print its lines: not so of drawings, and of what a reader writes elsewhere. */
export function isPrinted({ language, remark }: Block): boolean {
  return language === "" && remark !== "not printed";
}
