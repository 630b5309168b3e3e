import assert from "node:assert/strict";
import { test } from "node:test";
import { HostFolders, runText, SHELLS } from "./shells.ts";

const READ = `
. "\${0%/*}/claim.sh"
for file; do
  read_claim "$file"
  printf '%s;' "$claim"
done
`;

for (const shell of SHELLS) {
  test(`a claim that a power cut has left empty is none, and ends nothing, under ${shell.join(" ")}`, (context) => {
    const folders = new HostFolders();
    context.after(() => folders.remove());
    folders.write("whole", "43d1c801ef7563ef\n");
    folders.write("empty", "");
    const files = ["whole", "empty", "missing"].map((name) => folders.path(name));
    const { status, stdout } = runText(shell, folders, READ, ...files);
    assert.equal(status, 0);
    assert.equal(stdout, "43d1c801ef7563ef;;;");
  });
}
