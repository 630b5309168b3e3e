import { type Page, readPage } from "./pages.ts";

/** The pages whose blocks are run in the lab, each from its top to its end, and one after the other in one project. */
export const guides = [
  "docs/first-service.md",
  "docs/rolling-update.md",
  "docs/secrets.md",
  "docs/moving.md",
].map(readPage);

/** Pages that are followed on the machines and in the stack of a guide, before its last block removes them. */
export const withinGuides: Readonly<Record<string, readonly Page[]>> = {
  "docs/rolling-update.md": [
    "docs/maintenance.md",
    "docs/frontends.md",
    "docs/discovery.md",
    "docs/adopting.md",
  ].map(readPage),
};

/** The page that test/e2e/bootstrap.test.ts follows, which has a bare machine. */
export const bareMachineGuide = readPage("docs/first-host.md");
