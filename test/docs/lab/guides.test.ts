import { after, before, test } from "node:test";
import { leaveOldService, removeOldServices } from "../../e2e/adopt/origin-host.ts";
import { labHost, labImage } from "../../e2e/services-stack.ts";
import { bareMachineGuide, guides, withinGuides } from "../guides.ts";
import { type Block, blocksOf, type Page } from "../pages.ts";
import { followBareMachineGuide } from "./bare-machine-guide.ts";
import { follow } from "./follow.ts";
import { GuideProject } from "./guide-project.ts";

const project = new GuideProject();

before(() => {
  project.prepare();
  const published = `${labHost("back-2").privateAddress}:8091:8080`;
  const words = ["--init", "-p", published, "-e", "COLOUR=green"];
  leaveOldService("back-2", "blog", labImage("web"), "-", ...words); // for docs/adopting.md
});

after(() => {
  project.remove();
  removeOldServices("back-2", "blog");
});

for (const guide of guides) {
  test(`a reader who does what ${guide.path} says, sees what it shows`, async () => {
    const isBareMachineGuide = guide.path === bareMachineGuide.path;
    const following = isBareMachineGuide
      ? followBareMachineGuide(project)
      : follow(project, blocksToRun(guide));
    await following.catch(async (error) => {
      await project.run("pulumi destroy"); // for those who use the lab next
      throw error;
    });
  });
}

function blocksToRun(guide: Page): Block[] {
  const blocks = blocksOf(guide);
  const within = (withinGuides[guide.path] ?? []).flatMap(blocksOf);
  return [...blocks.slice(0, -1), ...within, ...blocks.slice(-1)];
}
