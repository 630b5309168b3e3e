import { readPage } from "./pages.ts";

/** The pages whose blocks are run in the lab, each from its top to its end, and one after the other in one project. */
export const guides = [
  "docs/first-service.md",
  "docs/rolling-update.md",
  "docs/secrets.md",
  "docs/moving.md",
].map(readPage);
