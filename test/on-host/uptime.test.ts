import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { HostFolders, runText, SCRIPTS, SHELLS } from "./shells.ts";

/** What tells a script the time of day or when a file was written, in sh and in jq. */
const CLOCKS = [
  /\b(date|hwclock|timedatectl|EPOCHSECONDS|EPOCHREALTIME)\b/,
  /\b(now|mktime|gmtime|localtime|strftime|strptime|todate|fromdate)\b/,
  /%\([^)]*\)T/,
  / -(nt|ot|newer\w*|[acm]min|[acm]time) /,
  /\bstat\b.*%[wWxXyYzZ]/,
];

/** Lines for people. */
const PROSE = /^\s*(#|say )/;

test("no script on a host asks its clock, which may be wrong or jump", () => {
  for (const name of readdirSync(SCRIPTS)) {
    const lines = readFileSync(`${SCRIPTS}/${name}`, "utf8").split("\n");
    const asking = lines.filter((line) => !PROSE.test(line) && CLOCKS.some((clock) => clock.test(line)));
    assert.deepEqual(asking, [], name);
  }
});

for (const shell of SHELLS) {
  test(`the uptime is that of the kernel, in hundredths of a second, under ${shell.join(" ")}`, () => {
    const folders = new HostFolders();
    const before = uptime();
    const { stdout } = runText(shell, folders, `. ${SCRIPTS}/uptime.sh; read_uptime; echo "$uptime"`);
    const after = uptime();
    folders.remove();
    assert.ok(before <= Number(stdout) && Number(stdout) <= after, stdout);
  });
}

function uptime(): number {
  return Math.round(Number.parseFloat(readFileSync("/proc/uptime", "utf8")) * 100);
}
