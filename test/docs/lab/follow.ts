import assert from "node:assert/strict";
import { type Block, isPrinted } from "../pages.ts";
import type { GuideProject } from "./guide-project.ts";
import { toLabText } from "./lab-text.ts";

/** Runs commands on a machine's console. @returns what they print. */
export type Console = (commands: string) => string;

/**
 * Does what a reader does, and throws where it goes another way than the page says.
 * @param onConsole for blocks under the remark `on the console`
 * @returns what each block of commands printed
 */
export async function follow(
  project: GuideProject,
  blocks: readonly Block[],
  onConsole?: Console,
): Promise<string[]> {
  const printed: string[] = [];
  for (const block of blocks) {
    if (block.file !== "") project.write(block.file, toLabText(block.text));
    else if (block.remark === "on the console" && onConsole) printed.push(onConsole(toLabText(block.text)));
    else if (block.language === "sh") printed.push(await outputOf(project, block));
    else if (isPrinted(block)) assertPrinted(block, printed.at(-1) ?? "");
  }
  return printed;
}

/** A block under the remark `fails` is one whose last command must fail; under `on ADDRESS` one that is run on that machine. */
async function outputOf(project: GuideProject, { place, text, remark }: Block): Promise<string> {
  const [, address] = remark.match(/^on (\S+)$/) ?? [];
  const commands = address === undefined ? text : `ssh root@${address} sh -eux <<'END'\n${text}\nEND`;
  const { code, output } = await project.run(toLabText(commands));
  assert.equal(code !== 0, remark === "fails", `${place} ended with ${code}:\n${output}`);
  return output;
}

/** What empty lines part may come in any order: Pulumi prints a message before or behind the diff that it is about. */
function assertPrinted({ place, text }: Block, printed: string): void {
  for (const part of toLabText(text).split("\n\n")) assertInOrder(place, part.split("\n"), printed);
}

/** Each line must be there, in this order, with others before, between and behind; `…` stands for anything. */
function assertInOrder(place: string, shown: readonly string[], printed: string): void {
  let left = printed.split("\n");
  for (const line of shown) {
    const found = left.findIndex((candidate) => isLike(candidate, line.trim()));
    assert.ok(found >= 0, `${place}: there is no line "${line.trim()}" where it should be in:\n${printed}`);
    left = left.slice(found + 1);
  }
}

function isLike(printed: string, shown: string): boolean {
  const escaped = shown.split("…").map((part) => part.replace(/[^\w\s]/g, "\\$&"));
  return new RegExp(`(^|\\s)${escaped.join(".*")}(\\s|$)`).test(printed);
}
