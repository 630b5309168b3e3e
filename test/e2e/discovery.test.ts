import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { corefile } from "../../stacks/corefile.ts";
import { ELECTION_FLAGS } from "../../stacks/etcd-election.ts";
import { eventually } from "./eventually.ts";
import { LAB, lab, labConfiguration, onHost, tryOnHost } from "./lab-environment.ts";
import { eventuallyAnswers, NameServer } from "./name-server.ts";
import { absencesOf, isBack, revisionOf, tellEnd, tellingCommand } from "./record-history.ts";
import { type Fleets, labHost, labImage, type Services, ServicesStack } from "./services-stack.ts";

const MEMBERS = ["back-1", "back-2", "back-3"];
const domain = labConfiguration().config["rundock:domain"] as string;
const WEB = `web.${domain}`;
const stack = new ServicesStack(MEMBERS, MEMBERS);
const dns = new NameServer("back-1");
const addressOf = (host: string) => labHost(host).privateAddress;
const CLUSTER = MEMBERS.map((host) => `${host}=http://${addressOf(host)}:2380`).join(",");
const endpoints = MEMBERS.map((host) => `http://${addressOf(host)}:2379`);

const coredns = {
  host: "back-1",
  image: labImage("coredns"),
  network: "host",
  command: ["-conf", "{config}/Corefile"],
  config: {
    directory: "/etc/coredns",
    files: { Corefile: corefile({ domain, address: addressOf("back-1"), endpoints }) },
  },
  ready: { tcp: 53 },
};

const web = {
  image: labImage("web"),
  announce: { port: 8080, probe: { http: "/" } },
  ready: { http: "/" },
  update: { drain: 1, monitor: 0 },
};

const key = (label: string) => `/skydns/${domain.split(".").reverse().join("/")}/${label}`;
const keys = {
  etcd: `http://${addressOf("back-2")}:2379`,
  ...{ record: key("web/back-2/web"), ends: "/told/ends", listens: "/told/listens" },
};

const services: Services = {
  ...Object.fromEntries(MEMBERS.map((host) => [`etcd-${host}`, etcdMember(host)])),
  coredns,
  reserve: { ...web, host: "back-1", announce: { ...web.announce, name: "web", priority: 20 } },
};

function fleets(perHost: Record<string, object> = {}): Fleets {
  const telling = { command: tellingCommand(keys.etcd, keys.listens), env: { LISTEN_AFTER: "1" } };
  const heavy = { announce: { ...web.announce, weight: 300 } };
  return {
    web: {
      ...web,
      hosts: ["back-2", "back-3"],
      perHost: {
        "back-2": { ...telling, ...perHost["back-2"] },
        "back-3": { ...heavy, ...perHost["back-3"] },
      },
    },
  };
}

function etcdMember(host: string): object {
  const own = `http://${addressOf(host)}`;
  return {
    host,
    name: "etcd",
    image: labImage("etcd"),
    network: "host",
    volumes: ["etcd-discovery:/var/lib/etcd"],
    command: [
      "etcd",
      `--name=${host}`,
      "--data-dir=/var/lib/etcd/data",
      `--listen-client-urls=${own}:2379`,
      `--advertise-client-urls=${own}:2379`,
      `--listen-peer-urls=${own}:2380`,
      `--initial-advertise-peer-urls=${own}:2380`,
      `--initial-cluster=${CLUSTER}`,
      ...ELECTION_FLAGS,
    ],
    ready: { http: "/health", port: 2379, timeout: 120 },
    update: { stopTimeout: 3 },
  };
}

function etcdctl(...words: string[]): string {
  return onHost(
    "back-1",
    "docker",
    "exec",
    "etcd",
    "etcdctl",
    `--endpoints=${endpoints.join(",")}`,
    ...words,
  );
}

const containerId = (host: string) => onHost(host, "docker", "inspect", "--format={{.Id}}", "web").trim();
const answersFor = (...hosts: string[]) =>
  eventuallyAnswers(
    () => dns.a(WEB),
    (answer) => answer.join() === hosts.map(addressOf).sort().join(),
  );

before(async () => {
  await stack.create();
  stack.declare(services, fleets());
  await stack.succeed("up");
});

after(async () => {
  await stack.remove();
  for (const host of MEMBERS) tryOnHost(host, "docker", "volume", "rm", "etcd-discovery");
});

test("dig finds ports that Docker picked, priorities, weights as percentages, versions, and names of a fleet, a machine and a service", async () => {
  await answersFor(...MEMBERS);
  const port = (host: string, name: string) =>
    onHost(host, "docker", "port", name, "8080/tcp").trim().split(":")[1];
  const srv = {
    "back-1": `20 100 ${port("back-1", "reserve")} reserve.back-1.${WEB}.`,
    "back-2": `10 25 ${port("back-2", "web")} web.back-2.${WEB}.`,
    "back-3": `10 75 ${port("back-3", "web")} web.back-3.${WEB}.`,
  };
  assert.deepEqual(dns.dig(WEB, "SRV"), Object.values(srv).sort());
  assert.deepEqual(dns.dig(WEB, "A"), MEMBERS.map(addressOf).sort());
  const release = onHost("back-3", "readlink", "/etc/sv/web/releases/current").trim();
  const text = `"service=web host=back-3 version=1 image=${labImage("web")} release=${release}"`;
  assert.equal(dns.dig(WEB, "TXT").length, 3);
  assert.ok(dns.dig(WEB, "TXT").includes(text));
  for (const name of [`back-3.${WEB}`, `web.back-3.${WEB}`])
    assert.deepEqual(dns.dig(name, "A"), [addressOf("back-3")]);
  assert.deepEqual(dns.dig(`back-3.${WEB}`, "TXT"), [text]);
});

test("a container that keeps ending has no record from each end until it listens again, in any revision of etcd", async () => {
  const since = await revisionOf(keys.etcd);
  for (let time = 0; time < 2; time += 1) {
    await tellEnd(keys);
    onHost("back-2", "docker", "kill", "web");
    await eventually("its record is back", () => isBack(keys));
  }
  assert.deepEqual(await absencesOf(keys, since), { withdrawn: 2, early: 0 });
});

test("garbage of a third party fails its own name alone; under a name of ours it is taken out, and a good record stays", async () => {
  etcdctl("put", key("nobody/x"), "garbage");
  assert.deepEqual(await dns.a(`nobody.${domain}`), ["ESERVFAIL"]);
  assert.deepEqual(await dns.a(WEB), MEMBERS.map(addressOf).sort());
  etcdctl("del", key("nobody/x"));

  etcdctl("put", key("web/legacy/a"), '{"host":"10.9.9.9","port":80,"ttl":1}');
  etcdctl("put", key("web/legacy/b"), "garbage");
  const healed = await eventuallyAnswers(
    () => dns.a(WEB),
    (answer) => answer.length > 1,
  );
  assert.deepEqual(healed, [...MEMBERS.map(addressOf), "10.9.9.9"].sort());
  assert.equal(etcdctl("get", "--keys-only", key("web/legacy/b")).trim(), "");
  etcdctl("del", key("web/legacy/a"));
});

test("records outlive the loss of etcd's members, and what ended meanwhile is gone when they are back", async () => {
  onHost("back-1", "docker", "kill", "etcd");
  await answersFor(...MEMBERS);
  for (const host of ["back-1", "back-3"]) onHost(host, "sv", "-w", "20", "force-stop", "etcd");
  // No quorum: nothing can be written.
  onHost("back-2", "sv", "-w", "30", "down", "web");
  for (const host of ["back-1", "back-3"]) onHost(host, "sv", "up", "etcd");
  await answersFor("back-1", "back-3");
});

test("an etcd that is restored from an old snapshot gets what is true now", async () => {
  const file = "/var/lib/etcd/old.db";
  onHost(
    "back-1",
    "docker",
    "exec",
    "etcd",
    "etcdctl",
    `--endpoints=${endpoints[0]}`,
    "snapshot",
    "save",
    file,
  );
  onHost("back-2", "sv", "up", "web");
  await answersFor(...MEMBERS);
  onHost("back-3", "/usr/local/lib/rundock/maintenance.sh", "on", "web");
  await answersFor("back-1", "back-2");
  for (const host of ["back-2", "back-3"]) copyFile("back-1", host, file);
  for (const host of MEMBERS) onHost(host, "sv", "-w", "20", "force-stop", "etcd");
  for (const host of MEMBERS) restore(host, file);
  for (const host of MEMBERS) onHost(host, "sv", "up", "etcd");
  await answersFor("back-1", "back-2");
  onHost("back-3", "/usr/local/lib/rundock/maintenance.sh", "off", "web");
  await answersFor(...MEMBERS);
});

/** A file of etcd's volume. */
function copyFile(from: string, to: string, file: string): void {
  const content = onHost(from, "docker", "exec", "etcd", "base64", file);
  const container = `rundock-${LAB}-${to}`;
  const copy = ["exec", "-i", container, "docker", "exec", "-i", "etcd", "sh", "-c", `base64 -d >${file}`];
  const { status, stderr } = spawnSync("docker", copy, { input: content, encoding: "utf8" });
  assert.equal(status, 0, stderr);
}

function restore(host: string, file: string): void {
  const words = [
    `--name=${host}`,
    "--data-dir=/var/lib/etcd/data",
    `--initial-cluster=${CLUSTER}`,
    `--initial-advertise-peer-urls=http://${addressOf(host)}:2380`,
  ];
  const script = `rm -rf /var/lib/etcd/data && exec etcdctl snapshot restore ${file} "$@"`;
  const run = [
    "run",
    "--rm",
    "--volume=etcd-discovery:/var/lib/etcd",
    labImage("etcd"),
    "sh",
    "-c",
    script,
    "sh",
  ];
  onHost(host, "docker", ...run, ...words);
}

test("maintenance of a service takes it out of DNS, not its container, and up waits for the drain", async () => {
  const id = containerId("back-3");
  stack.declare(services, fleets({ "back-3": { maintenance: true } }));
  assert.match(await stack.succeed("up"), /back-3: web: withdrawn from DNS and drained, container untouched/);
  assert.deepEqual(await dns.a(WEB), [addressOf("back-1"), addressOf("back-2")]);
  // The name of the machine alone has neither an address nor a text left.
  assert.deepEqual(await dns.a(`back-3.${WEB}`), ["ENOTFOUND"]);
  assert.equal(containerId("back-3"), id);
  assert.match(await stack.succeed("stack", "export"), /"state": "maintenance"/);
});

test("it survives a reboot, as that of a host does, and refresh sees that a hand ended it", async () => {
  onHost("back-3", "/usr/local/lib/rundock/maintenance.sh", "on");
  lab("kill", "back-3");
  lab("start", "back-3");
  await eventually(
    "its container runs",
    () => /true/.test(tryOnHost("back-3", "docker", "inspect", "--format={{.State.Running}}", "web").stdout),
    60,
  );
  await eventually(
    "its announcer looked",
    () => tryOnHost("back-3", "test", "-e", "/run/rundock/announced").status === 0,
  );
  assert.deepEqual(await dns.a(WEB), [addressOf("back-1"), addressOf("back-2")]);
  onHost("back-3", "rm", "/etc/sv/web/maintenance");
  await sleep(4000);
  assert.deepEqual(await dns.a(WEB), [addressOf("back-1"), addressOf("back-2")], "the host's stands still");
  onHost("back-3", "rm", "/etc/rundock/maintenance");
  await answersFor(...MEMBERS);
  assert.match(
    await stack.succeed("up", "--refresh"),
    /back-3: web: withdrawn from DNS and drained, container untouched/,
  );
  assert.deepEqual(await dns.a(WEB), [addressOf("back-1"), addressOf("back-2")]);
});

test("maintenance of a host takes all of its services out of DNS, by hand and declared, new containers too", async () => {
  const { stdout } = tryOnHost("back-2", "/usr/local/lib/rundock/maintenance.sh", "on");
  assert.equal(stdout, "");
  assert.deepEqual(await dns.a(WEB), [addressOf("back-1")]);
  const refreshed = await stack.succeed("preview", "--refresh", "--diff");
  assert.match(refreshed, /back-2: all its services are back in DNS, containers untouched/);
  assert.match(refreshed, /~ state *: "maintenance" => "running"/);
  onHost("back-2", "/usr/local/lib/rundock/maintenance.sh", "off");
  await answersFor("back-1", "back-2");

  const ids = ["back-2", "back-3"].map(containerId);
  const changed = { env: { CHANGED: "yes" } };
  const perHost = { "back-2": changed, "back-3": { ...changed, maintenance: true } };
  stack.declare(services, fleets(perHost), { "back-2": { maintenance: true } });
  await stack.succeed("up");
  assert.deepEqual(await dns.a(WEB), [addressOf("back-1")]);
  for (const [index, host] of ["back-2", "back-3"].entries()) assert.notEqual(containerId(host), ids[index]);
  const states = (await stack.succeed("stack", "export")).match(/"state": "maintenance"/g) ?? [];
  // Of etcd and web on back-2, and web on back-3, in inputs and outputs.
  assert.equal(states.length, 6);
  await stack.succeed("up", "--refresh", "--expect-no-changes");
  assert.deepEqual(await dns.a(WEB), [addressOf("back-1")]);
});
