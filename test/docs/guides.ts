import { type Page, readPage } from "./pages.ts";

/** The guide that begins with a machine which has an SSH server and nothing else. */
export const bareMachineGuide = readPage("docs/first-host.md");

/** The pages whose blocks are run in the lab, each from its top to its end, and one after the other in one project. */
export const guides = [
  readPage("docs/first-service.md"),
  bareMachineGuide,
  readPage("docs/rolling-update.md"),
  readPage("docs/secrets.md"),
  readPage("docs/moving.md"),
];

/** Pages that are followed on the machines and in the stack of a guide, before its last block removes them. */
export const withinGuides: Readonly<Record<string, readonly Page[]>> = {
  "docs/rolling-update.md": [
    "docs/maintenance.md",
    "docs/frontends.md",
    "docs/discovery.md",
    "docs/adopting.md",
  ].map(readPage),
};

/** The pages about this repository, whose commands test/docs/npm-commands.test.ts tries. */
export const commandPages = ["README.md", "docs/developing.md"].map(readPage);
