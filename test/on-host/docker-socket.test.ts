import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeDocker } from "./fake-docker.ts";
import { HostFolders, SHELLS, startScript } from "./shells.ts";

const INSPECT = `
. "\${0%/*}/paths.sh"
. "\${0%/*}/docker-socket.sh"
inspect_container "$1"
printf '%s|' "$docker_status" "$container_running" "$container_id" "$container_identity" "$container_release" "$container_address" \
  "$container_exit_code" "$container_health" "$container_pid"
`;

for (const shell of SHELLS) {
  test(`an inspection is read, whatever a user wrote into the container, under ${shell.join(" ")}`, async (context) => {
    const folders = new HostFolders();
    const docker = new FakeDocker(folders.path("docker.sock"));
    context.after(() => {
      docker.close();
      folders.remove();
    });
    const lie = '","rundock.identity":"lie","Running":true,"IPAddress":"6.6.6.6';
    docker.inspections.set("web", {
      Id: "c1",
      Args: [lie, "Pid", ":7"],
      State: { Status: "exited", Running: false, Pid: 0, ExitCode: 3, Health: { Status: "unhealthy" } },
      Config: { Env: [`LIE=${lie}`], Labels: { "rundock.identity": "i1", "rundock.release": "r1" } },
      NetworkSettings: { IPAddress: "", Networks: { own: { IPAddress: "172.18.0.2" } } },
    });
    const { output } = await startScript(shell, folders, INSPECT, "web").ended;
    assert.equal(output, "200|false|c1|i1|r1|172.18.0.2|3|unhealthy|0|");
    const absent = await startScript(shell, folders, INSPECT, "other").ended;
    assert.equal(absent.output, "404|||||||||");
    docker.mode = "fails";
    const failed = await startScript(shell, folders, INSPECT, "web").ended;
    assert.equal(failed.code, 111, "an error of Docker's is no container that is gone");
  });
}
