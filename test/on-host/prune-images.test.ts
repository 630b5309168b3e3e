import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { type TestContext, test } from "node:test";
import { FakeDocker } from "./fake-docker.ts";
import { HostFolders, SHELLS, startScript } from "./shells.ts";

/** Hundredths of a second. */
const HOUR = 360_000;
const DAY = 24 * HOUR;

/** On a machine that has been up for so long. */
const onceUpFor = (uptime: number, task: string) => `
. "\${0%/*}/paths.sh"
. "\${0%/*}/docker-socket.sh"
. "\${0%/*}/prune-images.sh"
read_uptime() { uptime=${uptime}; }
service=$RUNDOCK_SV/web
${task}
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
  const run = async (folders: HostFolders, uptime: number, task: string) => {
    const { code, output } = await startScript(shell, folders, onceUpFor(uptime, task)).ended;
    assert.equal(code, 0, output);
  };
  const prune = (folders: HostFolders, uptime = HOUR) => run(folders, uptime, "prune_images");

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
    folders.write("sv/.stage.site/service/releases/r1/image", "web:0\n");
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

  /** A service shop that has pulled these is removed. */
  const removeShop = (folders: HostFolders, images: readonly string[], uptime = HOUR) => {
    folders.write("sv/shop/pulled", images.map((image) => `${image}\n`).join(""));
    return run(folders, uptime, 'leave_note shop; rm -r "$RUNDOCK_SV/shop"');
  };
  const notes = (folders: HostFolders) => readdirSync(folders.path("sv/.pulled"));

  test(`images of a service that was removed go a day later, but for those that another names or uses, ${under}`, async (context) => {
    const { folders, docker } = hostThatPulled(context, ["web:3"]);
    docker.usedImages.add("shop:2");
    await removeShop(folders, ["web:2", "shop:1", "shop:2"]);
    await prune(folders, HOUR + DAY - 1);
    assert.deepEqual(docker.changes, []);
    await prune(folders, HOUR + DAY);
    assert.deepEqual(docker.changes, ["DELETE /images/shop:1", "DELETE /images/shop:2"]);
    const [note] = notes(folders);
    assert.equal(readFileSync(folders.path(`sv/.pulled/${note}`), "utf8"), "web:2\nshop:2\n");
  });

  test(`one that is made anew and removed again has two notes, which go with the last of their images, ${under}`, async (context) => {
    const { folders, docker } = hostThatPulled(context, ["web:3"]);
    await removeShop(folders, ["shop:1"]);
    await removeShop(folders, ["shop:1", "shop:2"], 2 * HOUR);
    await prune(folders, HOUR + DAY);
    assert.deepEqual([docker.changes.length, notes(folders).length], [1, 1]);
    await prune(folders, 2 * HOUR + DAY);
    assert.deepEqual(
      docker.changes,
      ["shop:1", "shop:1", "shop:2"].map((image) => `DELETE /images/${image}`),
    );
    assert.deepEqual(notes(folders), []);
  });

  test(`after a restart of the machine the day begins anew, ${under}`, async (context) => {
    const { folders, docker } = hostThatPulled(context, ["web:3"]);
    await removeShop(folders, ["shop:1"], 40 * DAY);
    await prune(folders, DAY - 1);
    assert.deepEqual(docker.changes, []);
    await prune(folders, DAY);
    assert.deepEqual(docker.changes, ["DELETE /images/shop:1"]);
  });

  test(`a host that is given up keeps no image for a day, ${under}`, async (context) => {
    const { folders, docker } = hostThatPulled(context, []);
    await removeShop(folders, ["shop:1"]);
    await run(folders, HOUR, "prune_left_notes all");
    assert.deepEqual(docker.changes, ["DELETE /images/shop:1"]);
  });
}
