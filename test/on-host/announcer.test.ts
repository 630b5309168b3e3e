import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, describe, type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { eventually } from "../e2e/eventually.ts";
import { type FakeContainer, FakeDocker } from "./fake-docker.ts";
import { FakeEtcd } from "./fake-etcd.ts";
import { HostFolders, SHELLS, startScript } from "./shells.ts";

const NAME = "/skydns/com/example/prod/s/web";
const KEY = `${NAME}/back-1/web`;
const TEXT_KEY = `${NAME}/back-1/_web`;
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

interface HostOptions {
  readonly probe?: object;
  readonly names?: readonly string[];
  /** What replaces programs of the host: name -> text of a script. */
  readonly programs?: Readonly<Record<string, string>>;
}

/** A host with announced services, whose containers are this process. */
async function hostWithAnnouncer(
  context: TestContext,
  shell: (typeof SHELLS)[number],
  { probe = { kind: "none" }, names = ["web"], programs = {} }: HostOptions = {},
) {
  const folders = new HostFolders();
  const docker = new FakeDocker(folders.path("docker.sock"));
  const etcd = new FakeEtcd();
  folders.write("etc/etcd", `http://127.0.0.1:1\n${await etcd.start()}\n`);
  for (const name of names) writeService(folders, name, probe);
  docker.containers = names.map((name) => container({ Labels: labels(name) }));
  docker.inspections.set("c1", { Id: "c1", State: { Running: true, Pid: process.pid } });
  for (const [name, text] of Object.entries(programs)) {
    folders.write(`bin/${name}`, text);
    chmodSync(folders.path(`bin/${name}`), 0o755);
  }
  let { child, ended } = startScript(shell, folders, "announcer.sh");
  const stop = async () => {
    child.kill("SIGTERM");
    await ended;
  };
  context.after(async () => {
    // First, since an announcer that waits for it hears of no signal.
    docker.close();
    await stop();
    etcd.close();
    folders.remove();
  });
  /** As apply.sh does after a change, and withdraw.sh when a container ended. */
  const wake = (signal: "SIGUSR2" | "SIGHUP" = "SIGUSR2") => child.kill(signal);
  /** As runit does, when it was killed. */
  const restart = async () => {
    child.kill("SIGKILL");
    await ended;
    ({ child, ended } = startScript(shell, folders, "announcer.sh"));
  };
  const withdraw = (name: string) => startScript(shell, folders, "withdraw.sh", name).ended;
  return { folders, docker, etcd, stop, restart, wake, withdraw };
}

function writeService(folders: HostFolders, name: string, probe: object): void {
  const announce = {
    service: name,
    mark: "m1",
    key: name === "web" ? KEY : `${NAME}/back-1/${name}`,
    port,
    address: "127.0.0.1",
    ttl: 1,
    priority: 10,
    weight: 100,
    probe,
  };
  folders.write(`sv/${name}/releases/current/announce`, JSON.stringify(announce, null, 2));
  folders.write(`sv/${name}/releases/current/identity`, "i1\n");
  folders.write(`sv/${name}/releases/current/image`, "registry.lab:5000/web:1.4@sha256:abc\n");
}

function labels(service: string, identity = "i1"): FakeContainer["Labels"] {
  return { "rundock.service": service, "rundock.identity": identity, "rundock.release": "r1" };
}

function container(changes: Partial<FakeContainer>): FakeContainer {
  return {
    Id: "c1",
    State: "running",
    Status: "Up 2 seconds",
    Labels: labels("web"),
    Ports: [],
    NetworkSettings: { Networks: { host: { IPAddress: "" } } },
    ...changes,
  };
}

const GOOD = { probe: { kind: "http", path: "/good" } };

/** What others write under a name that this host announces, and whether CoreDNS takes it. */
const WRITTEN_BY_OTHERS: readonly [value: string, isRecord: boolean][] = [
  ["", false],
  ["garbage", false],
  ['{"host":"10.0.0.9"', false],
  ['{"host":"10.0.0.9","port":"80"}', false],
  ['{"host":"10.0.0.9","PORT":80.5}', false],
  ['{"host":"10.0.0.9","ttl":-1}', false],
  ['["10.0.0.9"]', false],
  ["\u0000\u0001", false],
  ['{"host":"10.0.0.9","port":80,"ttl":1,"of":["others"]}', true],
  ['{"text":"hello","mail":false,"group":"a","targetstrip":1}', true],
  ["{}", true],
];

for (const shell of SHELLS) {
  describe(`the announcer under ${shell.join(" ")}`, { concurrency: 15 }, () => {
    test("a service is announced while it serves, and withdrawn when its container ends", async (context) => {
      const { docker, etcd, stop } = await hostWithAnnouncer(context, shell, GOOD);
      await eventually("the record is there", () => etcd.records.get(KEY)?.port === port);
      assert.equal(
        etcd.records.get(TEXT_KEY)?.text,
        "service=web host=back-1 version=1.4 image=registry.lab:5000/web:1.4@sha256:abc release=r1",
      );
      docker.containers = [];
      await eventually("the record is gone", () => !etcd.has(KEY));
      docker.containers = [container({ Id: "c2" })];
      await eventually("the record is back", () => etcd.has(KEY));
      await stop();
      assert.equal(etcd.records.size, 0, "an announcer that is stopped takes its records out");
    });

    test("the port that Docker published is announced", async (context) => {
      const { docker, etcd } = await hostWithAnnouncer(context, shell);
      docker.containers = [container({ Ports: [{ PrivatePort: port, PublicPort: 32768, Type: "tcp" }] })];
      await eventually("the published port is announced", () => etcd.records.get(KEY)?.port === 32768);
    });

    test("of two containers the current release's is announced", async (context) => {
      const { folders, docker, etcd, wake } = await hostWithAnnouncer(context, shell);
      const publishedAt = (PublicPort: number) => [{ PrivatePort: port, PublicPort, Type: "tcp" }];
      docker.containers = [
        container({ Id: "c2", Labels: labels("web", "i2"), Ports: publishedAt(2) }),
        container({ Ports: publishedAt(1) }),
      ];
      await eventually("the old one is announced", () => etcd.records.get(KEY)?.port === 1);
      folders.write("sv/web/releases/current/identity", "i2\n");
      wake();
      await eventually("the new one takes its place", () => etcd.records.get(KEY)?.port === 2);
    });

    test("a container without labels is announced when it was adopted", async (context) => {
      const { folders, docker, etcd, wake } = await hostWithAnnouncer(context, shell);
      await eventually("the record is there", () => etcd.has(KEY));
      docker.containers = [container({ Labels: {} }), container({ Id: "c9", Labels: {} })];
      wake();
      await eventually("the record is gone", () => !etcd.has(KEY));
      folders.write("sv/web/adopted", "c1 i1 r1\n");
      wake();
      await eventually("the record is there", () => etcd.records.get(KEY)?.port === port);
    });

    test("every alias has a record, without a text, and goes with the others", async (context) => {
      const { folders, docker, etcd, wake } = await hostWithAnnouncer(context, shell);
      await eventually("the record is there", () => etcd.has(KEY));
      const alias = "/skydns-public/com/example/www/dns/apex/back-1/web";
      const file = "sv/web/releases/current/announce";
      const announce = JSON.parse(readFileSync(folders.path(file), "utf8"));
      folders.write(file, JSON.stringify({ ...announce, aliases: [alias], port: 2 }, null, 2));
      wake();
      await eventually("both are there", () =>
        [KEY, alias].every((key) => etcd.records.get(key)?.port === 2),
      );
      assert.equal(etcd.records.size, 3);
      docker.containers = [];
      await eventually("all are gone", () => etcd.records.size === 0);
    });

    test("a lease that expired is granted anew, and every record put again", async (context) => {
      const { etcd } = await hostWithAnnouncer(context, shell, { probe: { kind: "tcp" } });
      await eventually("the record is there", () => etcd.has(KEY));
      etcd.expire();
      await eventually("the record is back", () => etcd.has(KEY) && etcd.has(TEXT_KEY));
      assert.ok(etcd.grants >= 2);
    });

    test("a Docker that hangs holds up neither the lease nor a withdrawal", async (context) => {
      const { docker, etcd, withdraw } = await hostWithAnnouncer(context, shell);
      await eventually("the record is there", () => etcd.has(KEY));
      docker.mode = "hangs";
      const [before, grants] = [etcd.keepalives, etcd.grants];
      await eventually("the lease is kept", () => etcd.keepalives >= before + 3);
      assert.ok(etcd.has(KEY) && etcd.grants === grants);
      // As finish.sh does.
      await withdraw("web");
      docker.containers = [];
      docker.mode = "answers";
      await eventually("it looks again", () => etcd.keepalives >= before + 5);
      assert.equal(etcd.records.size, 0);
    });

    test("one that begins while Docker fails leaves the records as they are", async (context) => {
      const { docker, etcd, restart } = await hostWithAnnouncer(context, shell);
      await eventually("the record is there", () => etcd.has(KEY) && etcd.has(TEXT_KEY));
      docker.mode = "fails";
      etcd.erase(TEXT_KEY);
      await restart();
      const begin = etcd.keepalives;
      await eventually("the lease is kept", () => etcd.keepalives >= begin + 4);
      assert.ok(etcd.has(KEY));
      docker.mode = "answers";
      await eventually("what is missing is put again", () => etcd.has(TEXT_KEY));
    });

    test("what is unhealthy, answers badly, is withdrawn or in maintenance is not announced", async (context) => {
      const { folders, docker, etcd, wake } = await hostWithAnnouncer(context, shell, GOOD);
      await eventually("the record is there", () => etcd.has(KEY));
      docker.containers = [container({ Status: "Up 9 seconds (unhealthy)" })];
      await eventually("an unhealthy one is gone", () => etcd.records.size === 0);
      docker.containers = [container({ Status: "Up 19 seconds (healthy)" })];
      await eventually("a healthy one is back", () => etcd.has(KEY));
      for (const mark of ["run/withdrawn/web", "sv/web/maintenance", "etc/maintenance"]) {
        folders.write(mark, "by hand\n");
        wake();
        await eventually(`it is gone with ${mark}`, () => etcd.records.size === 0);
        rmSync(folders.path(mark));
        wake();
        await eventually(`it is back without ${mark}`, () => etcd.has(KEY));
      }
    });

    test("the mark of a script that was killed does not count", async (context) => {
      const { folders, etcd, wake } = await hostWithAnnouncer(context, shell);
      await eventually("the record is there", () => etcd.has(KEY));
      const apply = spawn("flock", [folders.path("run/web.lock"), "sleep", "60"], { detached: true });
      await once(apply, "spawn");
      folders.write("run/withdrawn/web", "apply\n");
      wake();
      await eventually("the record is gone", () => !etcd.has(KEY));
      process.kill(-(apply.pid as number), "SIGKILL");
      await eventually("it is back", () => etcd.has(KEY));
    });

    test("what answers its probe with an error is never announced", async (context) => {
      const { etcd } = await hostWithAnnouncer(context, shell, { probe: { kind: "http", path: "/bad" } });
      await eventually("the announcer looked", () => etcd.keepalives > 1);
      assert.equal(etcd.records.size, 0);
    });

    test("a hundred services are announced, more than etcd takes at once", async (context) => {
      const names = Array.from({ length: 100 }, (_, index) => `web-${index}`);
      const { etcd } = await hostWithAnnouncer(context, shell, { names });
      await eventually("all records are there", () => etcd.records.size === 200);
    });

    test("a value that is no record goes, and valid ones of others stay", async (context) => {
      const { etcd } = await hostWithAnnouncer(context, shell);
      await eventually("the record is there", () => etcd.has(KEY));
      for (const [index, [value]] of WRITTEN_BY_OTHERS.entries()) etcd.write(`${NAME}/x/${index}`, value);
      etcd.write(`${NAME}2/x/0`, "another name's garbage");
      const isThere = (index: number) => etcd.has(`${NAME}/x/${index}`);
      await eventually("what is no record is gone", () =>
        WRITTEN_BY_OTHERS.every(([, isRecord], index) => isRecord || !isThere(index)),
      );
      assert.ok(WRITTEN_BY_OTHERS.every(([, isRecord], index) => !isRecord || isThere(index)));
      assert.ok(etcd.has(`${NAME}2/x/0`), "it is not under our name");
      assert.ok(etcd.has(KEY) && etcd.has(TEXT_KEY));
    });

    test("a record that another overwrote or deleted is put again", async (context) => {
      const { etcd } = await hostWithAnnouncer(context, shell);
      await eventually("the record is there", () => etcd.has(KEY));
      etcd.write(KEY, "garbage");
      etcd.erase(TEXT_KEY);
      await eventually("both are back", () => etcd.has(TEXT_KEY) && etcd.records.get(KEY)?.port === port);
      etcd.expire();
      await eventually("and under its lease", () => etcd.grants >= 2 && etcd.has(KEY));
    });

    test("an etcd that was restored from a snapshot gets what is true now", async (context) => {
      const { folders, docker, etcd, wake } = await hostWithAnnouncer(context, shell, {
        names: ["web", "old"],
      });
      await eventually("the records are there", () => etcd.records.size === 4);
      const snapshot = etcd.save();
      writeService(folders, "new", { kind: "none" });
      docker.containers = ["web", "new"].map((name) => container({ Labels: labels(name) }));
      wake();
      await eventually(
        "old went, new came",
        () => etcd.has(`${NAME}/back-1/new`) && !etcd.has(`${NAME}/back-1/old`),
      );
      // The lease is older than the snapshot, so that what it brings back would stay for as long as the announcer lives.
      etcd.restore(snapshot);
      await eventually(
        "the same again",
        () => etcd.has(`${NAME}/back-1/new`) && !etcd.has(`${NAME}/back-1/old`),
      );
    });

    test("members that are killed one after another cost neither the lease nor a change", async (context) => {
      const names = ["web", "other"];
      const { folders, docker, etcd } = await hostWithAnnouncer(context, shell, { names });
      const members = [await etcd.start(), await etcd.start(), await etcd.start()];
      folders.write("etc/etcd", `${members.join("\n")}\n`);
      await eventually("the records are there", () => etcd.records.size === 4);
      const { grants } = etcd;
      for (const [url, isThere] of [
        [members[0], false],
        [members[1], true],
      ] as const) {
        etcd.kill(url ?? "");
        const kept = etcd.keepalives;
        docker.containers = (isThere ? names : ["other"]).map((name) => container({ Labels: labels(name) }));
        await eventually("the change is told", () => etcd.has(KEY) === isThere);
        await eventually("the lease is kept", () => etcd.keepalives >= kept + 2);
        assert.ok(etcd.has(`${NAME}/back-1/other`));
      }
      assert.equal(etcd.grants, grants, "no lease ran out");
    });

    test("what ended while etcd had no quorum is not found after", async (context) => {
      const { docker, etcd, wake, withdraw } = await hostWithAnnouncer(context, shell, {
        names: ["web", "other"],
      });
      await eventually("the records are there", () => etcd.records.size === 4);
      etcd.mode = "hangs";
      docker.containers = [container({ Labels: labels("other") })];
      // As finish.sh does; the lease outlives the loss of a quorum.
      await withdraw("web");
      etcd.mode = "answers";
      wake();
      await eventually("its records are gone", () => !etcd.has(KEY) && !etcd.has(TEXT_KEY));
      assert.equal(etcd.records.size, 2);
    });

    test("a change that etcd was not told of, since it did not answer, is told when it does", async (context) => {
      const { folders, etcd, wake } = await hostWithAnnouncer(context, shell);
      await eventually("the record is there", () => etcd.has(KEY));
      etcd.mode = "hangs";
      rmSync(folders.path("sv/web/releases/current/announce"));
      wake();
      await sleep(1500);
      etcd.mode = "answers";
      await eventually("the record is gone", () => !etcd.has(KEY));
    });

    test("an etcd that lets nobody read is written to all the same", async (context) => {
      const { docker, etcd } = await hostWithAnnouncer(context, shell);
      etcd.readable = false;
      await eventually("the record is there", () => etcd.has(KEY));
      await eventually("the announcer goes on", () => etcd.keepalives > 7);
      docker.containers = [];
      await eventually("the record is gone", () => !etcd.has(KEY));
    });

    test("nothing is put again while nobody changes anything", async (context) => {
      const { etcd } = await hostWithAnnouncer(context, shell);
      await eventually("the record is there", () => etcd.has(KEY));
      await eventually("it looked for what to heal, and put nothing", () => etcd.quietKeepalives > 10);
    });

    test("an announcer that is woken all the time keeps its lease, by the uptime", async (context) => {
      const { etcd, wake } = await hostWithAnnouncer(context, shell);
      await eventually("the record is there", () => etcd.has(KEY));
      const before = etcd.keepalives;
      await eventually("the lease is kept", () => {
        wake("SIGUSR2");
        wake("SIGHUP");
        return etcd.keepalives >= before + 2;
      });
    });

    test("it rests for a third of a lease at most, which is renewed more often than it looks", async (context) => {
      const { folders, docker, etcd } = await hostWithAnnouncer(context, shell, {
        programs: { sleep: NOTED_SLEEP },
      });
      const pauses = () => notes(folders, "sleep").map(Number);
      await eventually("it has put the record", () => etcd.has(KEY));
      const [lists, keepalives] = [docker.lists, etcd.keepalives];
      await eventually("renewals", () => etcd.keepalives - keepalives >= docker.lists - lists + 2);
      assert.ok(etcd.leaseSeconds <= 3, "who is lost with etcd's leader is out of DNS in 5 s");
      assert.ok(Math.max(...pauses()) <= etcd.leaseSeconds / 3, pauses().join(" "));
      folders.write("etc/etcd", "");
      const end = pauses().length + 1;
      await eventually("without etcd it rests too", () =>
        pauses()
          .slice(end)
          .some((pause) => pause > 0.5),
      );
    });

    test("a list of containers that is as it was is not read again", async (context) => {
      const { folders, docker, etcd } = await hostWithAnnouncer(context, shell, {
        programs: { sed: NOTED_SED },
      });
      await eventually("the record is there", () => etcd.has(KEY));
      await eventually("it looked again", () => docker.lists >= 4);
      assert.equal(notes(folders, "sed").length, 0);
      docker.containers = [container({ Status: "Up 3 seconds" })];
      await eventually("it reads another one", () => notes(folders, "sed").length === 1);
    });

    test("a kick hastens no probe of what serves", async (context) => {
      const { etcd, docker, folders, wake } = await hostWithAnnouncer(context, shell, {
        probe: { kind: "tcp" },
        programs: { nc: NOTED_NC },
      });
      await eventually("the record is there", () => etcd.has(KEY));
      const probes = () => notes(folders, "nc").filter((words) => words.startsWith("-z")).length;
      const [lists, before] = [docker.lists, probes()];
      await eventually("it looked at each kick", () => wake() && docker.lists >= lists + 6);
      assert.ok(probes() - before <= 2, `${probes() - before} probes`);
      await eventually("in its turn it is probed", () => probes() > before + 2);
    });

    test("a change is put without a pause, but Docker is given time to see an end", async (context) => {
      const { docker, etcd, folders, wake } = await hostWithAnnouncer(context, shell, {
        programs: { sleep: HANGING_SLEEP },
      });
      const pauses = () => notes(folders, "sleep");
      await eventually(
        "it has put the record, and rests",
        () => etcd.has(KEY) && Number(pauses().at(-1)) > 0.5,
      );
      await sleep(300);
      docker.containers = [];
      wake("SIGUSR2");
      await eventually("the record is gone", () => !etcd.has(KEY), 25);
      wake("SIGHUP");
      await eventually("it paused", () => pauses().includes("0.20"));
    });
  });
}

/** What a program noted of its calls. */
function notes(folders: HostFolders, program: string): string[] {
  const file = folders.path(`bin/${program}.notes`);
  return existsSync(file) ? readFileSync(file, "utf8").split("\n").filter(Boolean) : [];
}

const NOTED_SLEEP = `#!/bin/sh
echo "$1" >>"$0.notes"
exec /bin/sleep "$1"
`;

/** A kick ends its rest, even if it should be as short as the pause for other kicks, which hangs until the test has failed. */
const HANGING_SLEEP = `#!/bin/sh
echo "$1" >>"$0.notes"
case $1 in 0.10) exec /bin/sleep 30 ;; esac
exec /bin/sleep "$1"
`;

const NOTED_NC = `#!/bin/sh
echo "$*" >>"$0.notes"
exec /bin/nc "$@"
`;

const NOTED_SED = `#!/bin/sh
echo "$1" >>"$0.notes"
exec /bin/sed "$@"
`;
