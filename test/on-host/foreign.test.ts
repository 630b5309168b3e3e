import assert from "node:assert/strict";
import { test } from "node:test";
import { HostFolders, runText, SHELLS } from "./shells.ts";

/** What becomes of a tree of the Ansible module; curl answers with this status. */
const letGo = (status: number, call: string) => `
. "\${0%/*}/paths.sh"
. "\${0%/*}/foreign.sh"
. "\${0%/*}/origin-record.sh"
end_supervisors() { echo "ends \${1##*/}"; }
curl() { echo "curl $*" >&2; printf ${status}; }
sleep() { echo "waits $1 s"; }
warn_of_adoption() { echo "warns: $1"; }
name=web service=$RUNDOCK_SV/web origin_tree=$RUNDOCK_SV/docker-web container_running=true
${call}
`;

const SCRIPT =
  "while true; do curl -X PUT http://10.0.0.21:2379/v2/keys/skydns/com/example/web/back-1; done\n";

for (const shell of SHELLS) {
  const under = `under ${shell.join(" ")}`;
  const lines = (status: number, call: string) => {
    const folders = new HostFolders();
    folders.write("sv/web/drain", "7\n");
    folders.write("sv/docker-web/services/announce/run", SCRIPT);
    const { stdout, stderr } = runText(shell, folders, letGo(status, call));
    folders.remove();
    assert.match(stderr, /DELETE http:\/\/10\.0\.0\.21:2379\/v2\/keys\/skydns\/com\/example\/web\/back-1$/m);
    return stdout.split("\n").filter(Boolean);
  };

  test(`who knows the old record gets time before the old container is stopped, ${under}`, () => {
    assert.deepEqual(lines(200, "let_go_of_origin drain"), ["ends docker-web", "waits 7 s"]);
  });

  test(`nobody waits for a container that runs on or does not run, or a record that was not there, ${under}`, () => {
    const ended = ["ends docker-web"];
    assert.deepEqual(lines(200, "let_go_of_origin"), ended);
    assert.deepEqual(lines(200, "container_running=false; let_go_of_origin drain"), ended);
    assert.deepEqual(lines(404, "let_go_of_origin drain"), ended);
  });

  test(`an old record that stays is told, ${under}`, () => {
    const [, warning] = lines(500, "let_go_of_origin drain");
    assert.match(warning ?? "", /^warns: its old record could not be removed: .* answers with status 500/);
  });
}
