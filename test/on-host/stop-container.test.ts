import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { FakeDocker } from "./fake-docker.ts";
import { HostFolders, SHELLS, startScript } from "./shells.ts";

/** What happens to a container that another has replaced. */
const RETIRE = `
. "\${0%/*}/paths.sh"
. "\${0%/*}/docker-socket.sh"
. "\${0%/*}/stop-container.sh"
sleep() { echo "drains for $1 s"; }
drain web
stop_container web.last web
`;

/** A host with these files of the service web. */
async function retire(context: TestContext, shell: (typeof SHELLS)[number], files: Record<string, string>) {
  const folders = new HostFolders();
  const docker = new FakeDocker(folders.path("docker.sock"));
  context.after(() => {
    docker.close();
    folders.remove();
  });
  for (const [path, content] of Object.entries(files)) folders.write(path, content);
  const { code, output } = await startScript(shell, folders, RETIRE).ended;
  assert.equal(code, 0);
  return [...output.split("\n").filter(Boolean), ...docker.changes];
}

const announced = { "etc/etcd": "http://10.0.0.21:2379\n", "sv/web/releases/current/announce": "{}\n" };

for (const shell of SHELLS) {
  const under = `under ${shell.join(" ")}`;

  test(`a container drains, and then has as long to stop as its service says, ${under}`, async (context) => {
    const files = { "sv/web/drain": "7\n", "sv/web/stop-timeout": "40\n", ...announced };
    assert.deepEqual(await retire(context, shell, files), [
      "drains for 7 s",
      "POST /containers/web.last/stop?t=40",
    ]);
  });

  test(`who has no record does not drain, ${under}`, async (context) => {
    const { "etc/etcd": _, ...nowhere } = announced;
    for (const files of [{}, nowhere])
      assert.deepEqual(await retire(context, shell, { "sv/web/drain": "7\n", ...files }), [
        "POST /containers/web.last/stop?t=10",
      ]);
  });
}
