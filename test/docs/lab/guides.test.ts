import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { onHost } from "../../e2e/lab-environment.ts";
import { labHost, labImage } from "../../e2e/services-stack.ts";
import { guides, withinGuides } from "../guides.ts";
import { type Block, blocksOf, isPrinted, isRun, type Page } from "../pages.ts";
import { GuideProject } from "./guide-project.ts";
import { toLabText } from "./lab-text.ts";

const project = new GuideProject();
const ORIGIN = readFileSync(new URL("../../e2e/adopt/origin-host.sh", import.meta.url), "utf8");

before(() => {
  project.prepare();
  leaveAnOldService();
});

/** What docs/adopting.md finds on back-2. */
function leaveAnOldService(): void {
  const published = `${labHost("back-2").privateAddress}:8091:8080`;
  const words = ["blog", labImage("web"), "-", "--init", "-p", published, "-e", "COLOUR=green"];
  onHost("back-2", "sh", "-euc", ORIGIN, "sh", ...words);
}

after(() => project.remove());

for (const guide of guides) {
  test(`a reader who does what ${guide.path} says, sees what it shows`, async () => {
    await follow(blocksToRun(guide)).catch(async (error) => {
      await project.run("pulumi destroy"); // for those who use the lab next
      throw error;
    });
  });
}

function blocksToRun(guide: Page): Block[] {
  const blocks = blocksOf(guide).filter(isRun);
  const within = (withinGuides[guide.path] ?? []).flatMap(blocksOf).filter(isRun);
  return [...blocks.slice(0, -1), ...within, ...blocks.slice(-1)];
}

async function follow(blocks: readonly Block[]): Promise<void> {
  let printed = "";
  for (const block of blocks) {
    if (block.file !== "") project.write(block.file, toLabText(block.text));
    else if (block.language === "sh") printed = await outputOf(block);
    else if (isPrinted(block)) assertPrinted(block, printed);
  }
}

/** A block under the remark `fails` is one whose last command must fail; under `on ADDRESS` one that is run on that machine. */
async function outputOf({ place, text, remark }: Block): Promise<string> {
  const [, address] = remark.match(/^on (\S+)$/) ?? [];
  const commands = address === undefined ? text : `ssh root@${address} sh -eux <<'END'\n${text}\nEND`;
  const { code, output } = await project.run(toLabText(commands));
  assert.equal(code !== 0, remark === "fails", `${place} ended with ${code}:\n${output}`);
  return output;
}

/** Each line must be there, in this order, with others before, between and behind; `…` stands for anything. */
function assertPrinted({ place, text }: Block, printed: string): void {
  let left = printed.split("\n");
  for (const line of toLabText(text).split("\n").filter(Boolean)) {
    const found = left.findIndex((candidate) => isLike(candidate, line.trim()));
    assert.ok(found >= 0, `${place}: there is no line "${line.trim()}" where it should be in:\n${printed}`);
    left = left.slice(found + 1);
  }
}

function isLike(printed: string, shown: string): boolean {
  const escaped = shown.split("…").map((part) => part.replace(/[^\w\s]/g, "\\$&"));
  return new RegExp(`(^|\\s)${escaped.join(".*")}(\\s|$)`).test(printed);
}
