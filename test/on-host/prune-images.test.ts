import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { type TestContext, test } from "node:test";
import { FakeDocker } from "./fake-docker.ts";
import { HostFolders, SHELLS, startScript } from "./shells.ts";

const PRUNE = `
. "\${0%/*}/paths.sh"
. "\${0%/*}/docker-socket.sh"
. "\${0%/*}/prune-images.sh"
service=$RUNDOCK_SV/web
prune_images
`;

/** A host whose service web has pulled these images, and has releases of the images 2 and 3. */
function hostThatPulled(context: TestContext, images: readonly string[]) {
  const folders = new HostFolders();
  const docker = new FakeDocker(folders.path("docker.sock"));
  folders.write("sv/web/pulled", images.map((image) => `${image}\n`).join(""));
  folders.write("sv/web/releases/current/image", "web:3\n");
  folders.write("sv/web/releases/previous/image", "web:2\n");
  context.after(() => {
    docker.close();
    folders.remove();
  });
  const pulled = () => readFileSync(folders.path("sv/web/pulled"), "utf8").split("\n").filter(Boolean);
  return { folders, docker, pulled };
}

for (const shell of SHELLS) {
  const under = `under ${shell.join(" ")}`;
  const prune = async (folders: HostFolders) => {
    const { code, output } = await startScript(shell, folders, PRUNE).ended;
    assert.equal(code, 0, output);
  };

  test(`an image that no release names is removed, ${under}`, async (context) => {
    const { folders, docker, pulled } = hostThatPulled(context, ["web:1", "web:2", "web:3"]);
    await prune(folders);
    assert.deepEqual(docker.changes, ["DELETE /images/web:1"]);
    assert.deepEqual(pulled(), ["web:2", "web:3"]);
  });

  test(`nothing is asked while the service's own releases name all, ${under}`, async (context) => {
    const { folders, docker } = hostThatPulled(context, ["web:2", "web:3"]);
    await prune(folders);
    assert.deepEqual(docker.changes, []);
  });

  test(`an image that another service names stays, also while it is being applied, ${under}`, async (context) => {
    const { folders, docker, pulled } = hostThatPulled(context, ["web:1", "web:0"]);
    folders.write("sv/shop/releases/r1/image", "web:1\n");
    folders.write("sv/.stage.site/release/image", "web:0\n");
    await prune(folders);
    assert.deepEqual(docker.changes, []);
    assert.deepEqual(pulled(), ["web:1", "web:0"]);
  });

  test(`an image that a container uses is tried again the next time, ${under}`, async (context) => {
    const { folders, docker, pulled } = hostThatPulled(context, ["web:1", "web:0"]);
    docker.usedImages.add("web:1");
    await prune(folders);
    assert.deepEqual(docker.changes, ["DELETE /images/web:1", "DELETE /images/web:0"]);
    assert.deepEqual(pulled(), ["web:1"]);
  });
}
