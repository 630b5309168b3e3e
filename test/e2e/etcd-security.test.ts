import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type LabHost, labConfiguration, onHost, ROOT, tryOnHost } from "./lab-environment.ts";
import { PulumiStack } from "./pulumi-stack.ts";

const { config } = labConfiguration();
const hosts = config["rundock:hosts"].filter(({ name }) => name !== "front-2");
const members = hosts.filter(({ roles }) => roles.includes("backend"));
const domain = config["rundock:domain"] as string;
const [member] = members as [LabHost];
const MEMBER = `https://${member.privateAddress}:2379`;
const CURL = ["curl", "--silent", "--max-time", "2"];
const WITH_CERTIFICATE = [...CURL, "--config", "/etc/rundock/etcd.curl"];

const stack = new PulumiStack(ROOT);

function configure(discovery: object): void {
  const { "rundock:images": images, "rundock:sshKey": sshKey } = config;
  stack.configure({
    ...{ "rundock:images": images, "rundock:sshKey": sshKey, "rundock:domain": domain },
    ...{ "rundock:hosts": hosts, "rundock:deploy": ["discovery", "web"], "rundock:discovery": discovery },
  });
}

before(async () => {
  await stack.create();
  configure({});
  await stack.succeed("up");
});

after(() => stack.remove());

/** Asks as the host's announcer does. @returns etcd's status */
function askAsAnnouncer(path: string, body: object): string {
  const script = `
. /usr/local/lib/rundock/paths.sh
. /usr/local/lib/rundock/etcd.sh
etcd_request "$1" "$2" || true
printf %s "$etcd_status"`;
  return onHost(member.name, "sh", "-euc", script, "sh", path, JSON.stringify(body));
}

/** Asks as CoreDNS does: etcd's own protocol, with its certificate and nothing else. */
function askAsCoreDns(...words: string[]) {
  const tls = ["--cacert=/c/ca", "--cert=/c/certificate", "--key=/c/key"];
  const release = "/etc/sv/coredns/releases/current";
  const folder = "etc/coredns-tls";
  return tryOnHost(
    member.name,
    ...["docker", "run", "--rm", "--network=host"],
    `--volume=${release}/files/${folder}/ca.pem:/c/ca:ro`,
    `--volume=${release}/files/${folder}/certificate.pem:/c/certificate:ro`,
    `--volume=${release}/private/files/${folder}/key.pem:/c/key:ro`,
    (config["rundock:images"] as { etcd: string }).etcd,
    ...["etcdctl", `--endpoints=${MEMBER}`, ...tls, ...words],
  );
}

const key = (name: string) => Buffer.from(name).toString("base64");
const OWN = `/skydns/${domain.split(".").reverse().join("/")}`;
const OTHER = "/skydns/com/example/other/web";

test("who has no certificate of the authority's is not let in, and nothing speaks plain HTTP", () => {
  for (const port of [2379, 2380]) {
    const url = `//${member.privateAddress}:${port}/health`;
    assert.notEqual(
      tryOnHost("front-1", ...CURL, "--max-time", "1", `http:${url}`).status,
      0,
      `${port} plain`,
    );
    assert.notEqual(
      tryOnHost("front-1", ...CURL, "--max-time", "1", "--insecure", `https:${url}`).status,
      0,
      `${port} nobody`,
    );
  }
  assert.match(onHost("front-1", ...WITH_CERTIFICATE, `${MEMBER}/version`), /etcdserver/);
  const peer = `https://${member.privateAddress}:2380/version`;
  assert.notEqual(tryOnHost("front-1", ...WITH_CERTIFICATE, peer).status, 0, "an announcer is no member");
  const listening = onHost(member.name, "ss", "-Hltn").match(/\S+:(2379|2380|2381) /g) ?? [];
  assert.deepEqual(listening.map((each) => each.trim()).sort(), [
    "127.0.0.1:2381",
    `${member.privateAddress}:2379`,
    `${member.privateAddress}:2380`,
  ]);
});

test("who does not log in may not read or write", () => {
  const body = JSON.stringify({ key: key(OWN), range_end: key(`${OWN}0`) });
  const answer = onHost("front-1", ...WITH_CERTIFICATE, "--data", body, `${MEMBER}/v3/kv/range`);
  assert.match(answer, /user name is empty/);
});

test("the announcer may write under its domain and nowhere else", () => {
  const value = key("{}");
  const lease = { success: [{ requestPut: { key: key(`${OWN}/probe/a`), value } }] };
  assert.equal(askAsAnnouncer("kv/txn", lease), "200");
  assert.equal(askAsAnnouncer("kv/deleterange", { key: key(`${OWN}/probe/a`) }), "200");
  for (const outside of [OTHER, `${OWN}-other/a`, "/a"]) {
    assert.equal(askAsAnnouncer("kv/put", { key: key(outside), value }), "403", outside);
  }
  assert.equal(askAsAnnouncer("kv/deleterange", { key: key("/"), range_end: key("0") }), "403");
  assert.equal(askAsAnnouncer("auth/user/add", { name: "mallory", password: "x" }), "403");
});

test("CoreDNS may read under the domain, and write nothing", () => {
  const read = askAsCoreDns("get", "--prefix", `${OWN}/web/`);
  assert.match(read.stdout, /"port"/, read.stderr);
  for (const words of [
    ["put", `${OWN}/web/mallory`, "{}"],
    ["del", "--prefix", `${OWN}/`],
    ["get", OTHER],
  ]) {
    assert.match(askAsCoreDns(...words).stderr, /permission denied/, words.join(" "));
  }
});

test("no secret is in plain state, in a process list or in what Docker tells", async () => {
  const { password } = JSON.parse(onHost(member.name, "cat", "/etc/rundock/etcd-login"));
  const session = onHost(member.name, "cat", "/run/rundock/etcd-session").match(/: ([^"]+)/)?.[1];
  const state = await stack.succeed("stack", "export");
  // Without a pause in between: a curl is there for some milliseconds of each second.
  const list = "for i in $(seq 400); do ps -ewwo args; done | sort -u";
  const processes = onHost(member.name, "sh", "-c", list);
  const containers = onHost(member.name, "docker", "inspect", "etcd", "coredns");
  assert.ok(session && password && processes.includes("curl "));
  for (const [place, text] of Object.entries({ state, processes, containers })) {
    for (const secret of [password, session, "PRIVATE KEY"]) assert.ok(!text.includes(secret), place);
  }
});

test("certificates and their authority are renewed while DNS answers on", async () => {
  const watched = [member.name, "front-1"];
  for (const host of watched) watchDns(host);
  const before = servedCertificate();
  configure({ certificateDays: 300, authorityDays: 3000, authorityOverlapDays: 0 });
  await stack.succeed("up");
  const renewed = servedCertificate();
  assert.match(renewed.issuer, /etcd 1/, "the new authority is trusted before it signs");
  assert.ok(renewed.expires < before.expires);
  const containers = memberContainers();
  await stack.succeed("up");
  assert.match(servedCertificate().issuer, /etcd 2/);
  assert.deepEqual(memberContainers(), containers, "a certificate alone restarts no member");
  await stack.succeed("up", "--refresh", "--expect-no-changes");
  for (const host of watched) {
    const answers = watchedAnswers(host);
    assert.ok(answers.length > 10, `${host} was asked ${answers.length} times`);
    assert.deepEqual(
      answers.filter((answer) => answer === ""),
      [],
      host,
    );
  }
});

function memberContainers(): string[] {
  return members.map(({ name }) => onHost(name, "docker", "inspect", "--format={{.Id}}", "etcd"));
}

/** What a member shows now, as curl tells it. */
function servedCertificate(): { issuer: string; expires: number } {
  const { stderr } = tryOnHost(member.name, ...WITH_CERTIFICATE, "--verbose", `${MEMBER}/version`);
  const field = (name: string) => new RegExp(`${name}: (.*)`).exec(stderr)?.[1] ?? "";
  return { issuer: field("issuer"), expires: Date.parse(field("expire date")) };
}

/** Asks the host's own CoreDNS for the web service again and again: a line for each answer, empty when there was none. */
function watchDns(host: string): void {
  const address = hosts.find(({ name }) => name === host)?.privateAddress;
  const script = `rm -f /tmp/watched; touch /tmp/watching
while [ -e /tmp/watching ]; do
  dig +short +time=2 +tries=2 "$1" "$2" A | tr '\\n' ' ' >>/tmp/watched; echo >>/tmp/watched; sleep 0.2
done`;
  const words = ["sh", "-c", script, "sh", `@${address}`, `web.${domain}`];
  onHost(host, "sh", "-c", 'setsid "$@" >/dev/null 2>&1 </dev/null &', "sh", ...words);
}

function watchedAnswers(host: string): string[] {
  onHost(host, "sh", "-c", "rm -f /tmp/watching; sleep 4");
  const lines = onHost(host, "cat", "/tmp/watched").split("\n").slice(0, -1);
  return lines.map((line) => line.trim()).map((line) => (/^[\d. ]+$/.test(line) ? line : ""));
}
