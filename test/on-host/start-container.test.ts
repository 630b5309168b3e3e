import assert from "node:assert/strict";
import { readlinkSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { HostFolders, runText, SHELLS } from "./shells.ts";

/** Prints the words that docker would get, each followed by NUL. */
const RUN = `
. "\${0%/*}/paths.sh"
docker() { for word; do printf '%s\\\\0' "$word"; done; }
. "\${0%/*}/release.sh"
. "\${0%/*}/start-container.sh"
run_container web web r1
`.replaceAll("\\\\", "\\");

const FIXED = [
  "run",
  "--detach",
  "--pull=never",
  "--name=web",
  "--label=rundock.service=web",
  "--label=rundock.identity=i1",
  "--label=rundock.release=r1",
];

for (const shell of SHELLS) {
  test(`docker gets every word as it was written, under ${shell.join(" ")}`, () => {
    const word = fc.oneof(
      fc
        .string({ unit: "grapheme", maxLength: 20 })
        .filter((text) => !/[\n\0]/.test(text) && text.isWellFormed()),
      fc.constantFrom(
        "",
        "-n",
        "--",
        "*",
        "$(reboot)",
        "`id`",
        "a'b\"c",
        "\\",
        " lead and trail ",
        "${HOME}",
        "#no",
        "\t",
      ),
    );
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 6 }), (words) => {
        const folders = new HostFolders();
        folders.write("sv/web/releases/r1/identity", "i1\n");
        folders.write("sv/web/releases/r1/container", words.map((text) => `${text}\n`).join(""));
        const { stdout, stderr } = runText(shell, folders, RUN);
        assert.deepEqual(stdout.split("\0").slice(0, -1), [...FIXED, ...words], stderr);
        folders.remove();
      }),
      { numRuns: 60 },
    );
  });

  test(`files and secrets are mounted where they belong, under ${shell.join(" ")}`, () => {
    const folders = new HostFolders();
    folders.write("sv/web/releases/r1/identity", "i1\n");
    folders.write("sv/web/releases/r1/container", "web:1\n");
    folders.write("sv/web/releases/r1/files/etc/a b.conf", "");
    folders.write("sv/web/releases/r1/private/env", "A=1\n");
    folders.write("sv/web/releases/r1/private/files/run/token", "");
    const release = folders.path("sv/web/releases/r1");
    const { stdout } = runText(shell, folders, RUN);
    assert.deepEqual(stdout.split("\0").slice(FIXED.length, -1), [
      `--env-file=${release}/private/env`,
      `--volume=${release}/files/etc/a b.conf:/etc/a b.conf:ro`,
      `--volume=${release}/private/files/run/token:/run/token:ro`,
      "web:1",
    ]);
    folders.remove();
  });

  test(`live configuration is found by a link of the container's own, under ${shell.join(" ")}`, () => {
    const folders = new HostFolders();
    folders.write("sv/web/releases/r1/identity", "i1\n");
    folders.write("sv/web/releases/r1/container", "web:1\n/etc/web/{release}/config/a\n");
    folders.write("sv/web/releases/r1/config/a", "");
    const { stdout } = runText(shell, folders, RUN);
    assert.deepEqual(stdout.split("\0").slice(FIXED.length, -1), ["web:1", "/etc/web/r1.live/config/a"]);
    assert.equal(readlinkSync(folders.path("sv/web/releases/r1.live")), "r1");
    folders.remove();
  });
}
