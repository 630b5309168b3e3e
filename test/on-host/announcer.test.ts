import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, type TestContext, test } from "node:test";
import { eventually } from "../e2e/eventually.ts";
import { type FakeContainer, FakeDocker } from "./fake-docker.ts";
import { FakeEtcd } from "./fake-etcd.ts";
import { HostFolders, SHELLS, startScript } from "./shells.ts";

const KEY = "/skydns/com/example/prod/s/web/back-1";
const application = createServer((request, response) => {
  response.statusCode = request.url === "/good" ? 200 : 500;
  response.end();
});
let port = 0;

before(async () => {
  await new Promise<void>((resolve) => application.listen(0, "0.0.0.0", resolve));
  port = (application.address() as AddressInfo).port;
});
after(() => application.close());

/** A host with one announced service, whose container is this process. */
async function hostWithAnnouncer(context: TestContext, shell: (typeof SHELLS)[number], probe: object) {
  const folders = new HostFolders();
  const docker = new FakeDocker(folders.path("docker.sock"));
  const etcd = new FakeEtcd();
  folders.write("etc/etcd", `http://127.0.0.1:1\n${await etcd.start()}\n`);
  const announce = {
    service: "web",
    mark: "m1",
    key: KEY,
    port,
    address: "127.0.0.1",
    ttl: 1,
    priority: 10,
    weight: 100,
    probe,
  };
  folders.write("sv/web/releases/current/announce", JSON.stringify(announce, null, 2));
  folders.write("sv/web/releases/current/identity", "i1\n");
  docker.containers = [container({})];
  docker.inspections.set("c1", { Id: "c1", State: { Running: true, Pid: process.pid } });
  const { child, ended } = startScript(shell, folders, "announcer.sh");
  const stop = async () => {
    child.kill("SIGTERM");
    await ended;
  };
  context.after(async () => {
    await stop();
    docker.close();
    etcd.close();
    folders.remove();
  });
  /** As apply.sh and withdraw.sh do after a change. */
  const wake = () => child.kill("SIGHUP");
  return { folders, docker, etcd, stop, wake };
}

function container(changes: Partial<FakeContainer>): FakeContainer {
  return {
    Id: "c1",
    State: "running",
    Status: "Up 2 seconds",
    Labels: { "rundock.service": "web", "rundock.identity": "i1" },
    Ports: [],
    NetworkSettings: { Networks: { host: { IPAddress: "" } } },
    ...changes,
  };
}

for (const shell of SHELLS) {
  const under = `under ${shell.join(" ")}`;

  test(`a service is announced while it serves, and withdrawn when its container ends, ${under}`, async (context) => {
    const { docker, etcd, stop } = await hostWithAnnouncer(context, shell, { kind: "http", path: "/good" });
    await eventually("the record is there", () => etcd.records.get(KEY)?.port === port);
    docker.containers = [];
    await eventually("the record is gone", () => !etcd.records.has(KEY));
    docker.containers = [container({ Id: "c2" })];
    await eventually("the record is back", () => etcd.records.has(KEY));
    await stop();
    assert.equal(etcd.records.size, 0, "an announcer that is stopped takes its records out");
  });

  test(`every alias has a record, and goes with the others, ${under}`, async (context) => {
    const { folders, docker, etcd, wake } = await hostWithAnnouncer(context, shell, { kind: "none" });
    await eventually("the record is there", () => etcd.records.has(KEY));
    const alias = "/skydns-public/com/example/www/dns/apex/back-1/web";
    const file = "sv/web/releases/current/announce";
    const announce = JSON.parse(readFileSync(folders.path(file), "utf8"));
    folders.write(file, JSON.stringify({ ...announce, aliases: [alias], port: 2 }, null, 2));
    wake();
    await eventually("both are there", () => [KEY, alias].every((key) => etcd.records.get(key)?.port === 2));
    docker.containers = [];
    await eventually("both are gone", () => etcd.records.size === 0);
  });

  test(`the port that Docker published is announced, ${under}`, async (context) => {
    const { docker, etcd } = await hostWithAnnouncer(context, shell, { kind: "none" });
    docker.containers = [container({ Ports: [{ PrivatePort: port, PublicPort: 32768, Type: "tcp" }] })];
    await eventually("the published port is announced", () => etcd.records.get(KEY)?.port === 32768);
  });

  test(`of two containers the current release's is announced, ${under}`, async (context) => {
    const { folders, docker, etcd, wake } = await hostWithAnnouncer(context, shell, { kind: "none" });
    const publishedAt = (PublicPort: number) => [{ PrivatePort: port, PublicPort, Type: "tcp" }];
    docker.containers = [
      container({
        Id: "c2",
        Labels: { "rundock.service": "web", "rundock.identity": "i2" },
        Ports: publishedAt(2),
      }),
      container({ Ports: publishedAt(1) }),
    ];
    await eventually("the old one is announced", () => etcd.records.get(KEY)?.port === 1);
    folders.write("sv/web/releases/current/identity", "i2\n");
    wake();
    await eventually("the new one takes its place", () => etcd.records.get(KEY)?.port === 2);
  });

  test(`a container without labels is announced when it was adopted, ${under}`, async (context) => {
    const { folders, docker, etcd, wake } = await hostWithAnnouncer(context, shell, { kind: "none" });
    await eventually("the record is there", () => etcd.records.has(KEY));
    docker.containers = [container({ Labels: {} }), container({ Id: "c9", Labels: {} })];
    wake();
    await eventually("the record is gone", () => !etcd.records.has(KEY));
    folders.write("sv/web/adopted", "c1 i1 r1\n");
    wake();
    await eventually("the record is there", () => etcd.records.get(KEY)?.port === port);
  });

  test(`a lease that expired is granted anew, and every record put again, ${under}`, async (context) => {
    const { etcd } = await hostWithAnnouncer(context, shell, { kind: "tcp" });
    await eventually("the record is there", () => etcd.records.has(KEY));
    etcd.expire();
    await eventually("the record is back", () => etcd.records.has(KEY));
    assert.equal(etcd.grants, 2);
  });

  test(`what is unhealthy, answers badly or is withdrawn is not announced, ${under}`, async (context) => {
    const { folders, docker, etcd } = await hostWithAnnouncer(context, shell, {
      kind: "http",
      path: "/good",
    });
    await eventually("the record is there", () => etcd.records.has(KEY));
    docker.containers = [container({ Status: "Up 9 seconds (unhealthy)" })];
    await eventually("an unhealthy one is gone", () => !etcd.records.has(KEY));
    docker.containers = [container({ Status: "Up 19 seconds (healthy)" })];
    await eventually("a healthy one is back", () => etcd.records.has(KEY));
    folders.write("run/withdrawn/web", "drain\n");
    await eventually("a withdrawn one is gone", () => !etcd.records.has(KEY));
    rmSync(folders.path("run/withdrawn/web"));
    await eventually("it is back", () => etcd.records.has(KEY));
  });

  test(`the mark of a script that was killed does not count, ${under}`, async (context) => {
    const { folders, etcd } = await hostWithAnnouncer(context, shell, { kind: "none" });
    await eventually("the record is there", () => etcd.records.has(KEY));
    const apply = spawn("flock", [folders.path("run/web.lock"), "sleep", "30"], { detached: true });
    await once(apply, "spawn");
    folders.write("run/withdrawn/web", "apply\n");
    await eventually("the record is gone", () => !etcd.records.has(KEY));
    process.kill(-(apply.pid as number), "SIGKILL");
    await eventually("it is back", () => etcd.records.has(KEY));
  });

  test(`what answers its probe with an error is never announced, ${under}`, async (context) => {
    const { folders, etcd } = await hostWithAnnouncer(context, shell, { kind: "http", path: "/bad" });
    folders.write("sv/api/releases/current/identity", "i1\n");
    folders.write(
      "sv/api/releases/current/announce",
      JSON.stringify({
        service: "api",
        mark: "m",
        key: "/skydns/api",
        port,
        address: "127.0.0.1",
        ttl: 1,
        priority: 10,
        weight: 100,
        probe: { kind: "none" },
      }),
    );
    await eventually("the announcer looked", () => etcd.grants > 0);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    assert.equal(etcd.records.size, 0);
  });
}
