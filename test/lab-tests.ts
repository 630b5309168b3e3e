// Runs the end-to-end tests, one file at a time in each of the labs that RUNDOCK_LABS names. What takes longest comes first,
// so that in the end no lab has much to do when the others have done; `node --test` would go by the names.
import { globSync } from "node:fs";
import { run } from "node:test";
import { spec } from "node:test/reporters";
import { fileURLToPath } from "node:url";

/** Those of more than a minute, the longest first. */
const LONG = [
  "docs/lab/guides",
  "e2e/fleet",
  "e2e/interruption",
  "e2e/etcd-security",
  "e2e/kill-points",
  "e2e/frontends",
  "e2e/lifecycle",
  "e2e/client-steps",
  "e2e/discovery",
  "e2e/adopt",
].map((name) => `${name}.test.ts`);

const folder = fileURLToPath(new URL(".", import.meta.url));
const labs = (process.env.RUNDOCK_LABS ?? "").split(" ");
const found = globSync(["e2e/*.test.ts", "docs/lab/*.test.ts"], { cwd: folder }).sort();
const files = [...LONG, ...found.filter((file) => !LONG.includes(file))].map((file) => `${folder}${file}`);

run({ files, concurrency: labs.length, timeout: 600_000 })
  .on("test:fail", () => {
    process.exitCode = 1;
  })
  .compose(new spec())
  .pipe(process.stdout);
