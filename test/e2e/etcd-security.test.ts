import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { eventually } from "./eventually.ts";
import { HostWatch } from "./host-watch.ts";
import { type LabHost, labConfiguration, onHost, ROOT, tryOnHost } from "./lab-environment.ts";
import { PulumiStack } from "./pulumi-stack.ts";

const { config } = labConfiguration();
const hosts = config["rundock:hosts"].filter(({ name }) => name !== "front-2");
const members = hosts.filter(({ roles }) => roles.includes("backend"));
const domain = config["rundock:domain"] as string;
const [member] = members as [LabHost];
/** What the name of the web service is to answer with. */
const INSTANCES = members.map(({ privateAddress }) => privateAddress).sort();
const MEMBER = `https://${member.privateAddress}:2379`;
const CURL = ["curl", "--silent", "--max-time", "20"];
const WITH_CERTIFICATE = [...CURL, "--config", "/etc/rundock/etcd.curl"];

const stack = new PulumiStack(ROOT);

function configure(discovery: object, deploy = ["discovery", "web"], otherImages = {}): void {
  const { "rundock:images": images, "rundock:sshKey": sshKey } = config;
  stack.configure({
    ...{
      "rundock:images": { ...(images as object), ...otherImages },
      "rundock:sshKey": sshKey,
      "rundock:domain": domain,
    },
    ...{ "rundock:hosts": hosts, "rundock:deploy": deploy, "rundock:discovery": discovery },
  });
}

before(async () => {
  await stack.create();
  configure({ security: "plain" });
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
  return tryOnHost(
    member.name,
    ...["docker", "run", "--rm", "--network=host"],
    `--volume=${release}/config/tls/ca.pem:/c/ca:ro`,
    `--volume=${release}/config/tls/certificate.pem:/c/certificate:ro`,
    `--volume=${release}/private/config/tls/key.pem:/c/key:ro`,
    (config["rundock:images"] as { etcd: string }).etcd,
    ...["etcdctl", `--endpoints=${MEMBER}`, ...tls, ...words],
  );
}

const key = (name: string) => Buffer.from(name).toString("base64");
const OWN = `/skydns/${domain.split(".").reverse().join("/")}`;
const OTHER = "/skydns/com/example/other/web";

test("a cluster that runs is not turned from plain to TLS: nothing is touched", async () => {
  configure({});
  const { code, output } = await stack.run("up");
  assert.notEqual(code, 0);
  assert.match(output, /a cluster that runs cannot turn from plain to tls\n +first: set rundock:discovery/);
  for (const { name } of hosts)
    assert.ok(onHost(name, "cat", "/etc/rundock/etcd").includes("http://"), `${name}'s announcer has turned`);
  assert.equal(onHost(member.name, ...CURL, `http://${member.privateAddress}:2379/health`).length > 0, true);
  assert.deepEqual(answeredOn("front-1"), INSTANCES);
});

test("an environment moves from plain to TLS, and its services run on", async () => {
  const services = containersOf("web");
  configure({ security: "plain" }, ["web"]);
  await stack.succeed("up");
  configure({});
  await stack.succeed("up");
  for (const host of ["front-1", member.name])
    await eventually(`${host} answers again`, () => answeredOn(host).join() === INSTANCES.join());
  assert.deepEqual(containersOf("web"), services);
});

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

/** Without a pause in between: the announcer's curl is there for some milliseconds of every two seconds. */
const LIST_UNTIL_CURLS = `seen=0
while [ "$seen" -lt 3 ]; do
  ps -ewwo args >/tmp/processes
  if grep -q '^curl ' /tmp/processes; then seen=$((seen + 1)); fi
  cat /tmp/processes
done | sort -u`;

test("no secret is in plain state, in a process list or in what Docker tells", async () => {
  const { password } = JSON.parse(onHost(member.name, "cat", "/etc/rundock/etcd-login"));
  const session = onHost(member.name, "cat", "/run/rundock/etcd-session").match(/: ([^"]+)/)?.[1];
  const state = await stack.succeed("stack", "export");
  const processes = onHost(member.name, "timeout", "120", "sh", "-c", LIST_UNTIL_CURLS);
  const containers = onHost(member.name, "docker", "inspect", "etcd", "coredns");
  assert.ok(session && password);
  for (const [place, text] of Object.entries({ state, processes, containers })) {
    for (const secret of [password, session, "PRIVATE KEY"]) assert.ok(!text.includes(secret), place);
  }
});

const RENEWED = { certificateDays: 300, authorityDays: 3000, authorityOverlapDays: 0 };

test("certificates and their authority are renewed, and a name answers with all its instances all the while", async () => {
  const answers = watchDns();
  const before = servedCertificate();
  const servers = containersOf("coredns");
  configure(RENEWED);
  await stack.succeed("up");
  const renewed = servedCertificate();
  assert.match(renewed.issuer, /etcd 1/, "the new authority is trusted before it signs");
  assert.ok(renewed.expires < before.expires);
  const containers = containersOf("etcd");
  await stack.succeed("up");
  assert.match(servedCertificate().issuer, /etcd 2/);
  assert.deepEqual(containersOf("etcd"), containers, "a certificate alone restarts no member");
  assert.deepEqual(containersOf("coredns"), servers, "CoreDNS loads certificates as it runs");
  assertAllAnswered(answers());
});

test("an etcd that a hand told to ask nobody is seen, and asks again; a new image of CoreDNS leaves no query unanswered", async () => {
  const answers = watchDns();
  const servers = containersOf("coredns");
  configure(RENEWED, undefined, { coredns: digestOf("coredns") });
  askAsRoot(await rootPassword(), ["auth/disable", {}]);
  assert.match(await stack.succeed("up", "--refresh"), /EtcdAccess etcd creat/);
  const body = JSON.stringify({ key: key(OWN) });
  assert.match(onHost("front-1", ...WITH_CERTIFICATE, "--data", body, `${MEMBER}/v3/kv/range`), /user name/);
  for (const [index, id] of containersOf("coredns").entries()) assert.notEqual(id, servers[index]);
  assertAllAnswered(withoutResends(answers()));
});

test("passwords are replaced, rights that a hand gave are taken back, and DNS answers on", async () => {
  const [former, login] = [await rootPassword(), announcerLogin()];
  askAsRoot(
    former,
    [
      "auth/role/grant",
      { name: "announcer", perm: { permType: "READWRITE", key: key("/a"), range_end: "" } },
    ],
    ["auth/user/grant", { user: "coredns", role: "root" }],
  );
  assert.equal(askAsAnnouncer("kv/put", { key: key("/a"), value: key("{}") }), "200");
  const seen = await stack.succeed("preview", "--refresh", "--diff");
  for (const given of ["readwrite /a", "all of the role root"]) assert.ok(seen.includes(given), seen);
  const answers = watchDns();
  const urns = (await stack.succeed("stack", "--show-urns")).match(/urn:\S+:RandomPassword::\S+/g) ?? [];
  assert.equal(urns.length, 2);
  await stack.succeed("up", "--refresh", ...urns.flatMap((urn) => ["--replace", urn]));
  assert.notEqual(announcerLogin(), login);
  assert.equal(askAsAnnouncer("kv/put", { key: key("/a"), value: key("{}") }), "403");
  assert.equal(askAsAnnouncer("kv/deleterange", { key: key(`${OWN}/probe/a`) }), "200");
  assert.match(askAsCoreDns("put", "/a", "{}").stderr, /permission denied/);
  assert.match(askAsRoot(former), /authentication failed/);
  assertAllAnswered(answers());
  await stack.succeed("preview", "--refresh", "--expect-no-changes");
  const state = await stack.succeed("stack", "export");
  for (const secret of [await rootPassword(), JSON.parse(announcerLogin()).password])
    assert.ok(!state.includes(secret));
});

test("a user who is taken out of the declaration loses everything", async () => {
  const password = await rootPassword();
  const request = (changes: object) =>
    onHost(
      member.name,
      ...["sh", "-c", 'printf %s "$1" | /usr/local/lib/rundock/etcd-access.sh ensure', "sh"],
      JSON.stringify({ rootPasswords: [password], users: [], ...changes }),
    );
  const permissions = [{ permType: "READ", key: key("/b"), range_end: "" }];
  request({ users: [{ name: "guest", password: "guest", permissions }] });
  assert.match(askAsRoot(password, ["auth/user/list", {}]), /guest/);
  request({ gone: ["guest", "nobody"] });
  for (const list of ["auth/user/list", "auth/role/list"])
    assert.doesNotMatch(askAsRoot(password, [list, {}]), /guest/);
});

function containersOf(service: string): string[] {
  return members.map(({ name }) => onHost(name, "docker", "inspect", "--format={{.Id}}", service));
}

/** The lab's image by another name, so that it is another one to Docker. */
function digestOf(image: string): string {
  const { [image]: reference = "" } = config["rundock:images"] as Record<string, string>;
  const words = ["docker", "image", "inspect", "--format={{index .RepoDigests 0}}", reference];
  return onHost(member.name, ...words).trim();
}

/** What a member shows now, as curl tells it. */
function servedCertificate(): { issuer: string; expires: number } {
  const { stderr } = tryOnHost(member.name, ...WITH_CERTIFICATE, "--verbose", `${MEMBER}/version`);
  const field = (name: string) => new RegExp(`${name}: (.*)`).exec(stderr)?.[1] ?? "";
  return { issuer: field("issuer"), expires: Date.parse(field("expire date")) };
}

async function rootPassword(): Promise<string> {
  const { deployment } = JSON.parse(await stack.succeed("stack", "export", "--show-secrets"));
  const resources: { urn: string; outputs: { value: { plaintext: string } } }[] = deployment.resources;
  const found = resources.find(({ urn }) => urn.endsWith(":RandomPassword::etcd-root"));
  return JSON.parse(found?.outputs.value.plaintext ?? "");
}

function announcerLogin(): string {
  return onHost(member.name, "cat", "/etc/rundock/etcd-login");
}

/** Logs in, and makes the requests. @returns the last answer */
function askAsRoot(password: string, ...requests: (readonly [path: string, body: object])[]): string {
  const ask = (path: string, body: object, ...words: string[]) =>
    onHost(
      member.name,
      ...WITH_CERTIFICATE,
      ...words,
      "--data",
      JSON.stringify(body),
      `${MEMBER}/v3/${path}`,
    );
  let answer = ask("auth/authenticate", { name: "root", password });
  const session = ["--header", `Authorization: ${JSON.parse(answer).token}`];
  for (const [path, body] of requests) answer = ask(path, body, ...session);
  return answer;
}

/** What the host's own CoreDNS tells of the web service. */
function answeredOn(host: string): string[] {
  return onHost(host, ...dig(host))
    .trim()
    .split("\n")
    .sort();
}

function dig(host: string): string[] {
  const address = hosts.find(({ name }) => name === host)?.privateAddress;
  return ["dig", "+short", "+time=5", "+tries=2", `@${address}`, `web.${domain}`, "A"];
}

/** Host -> each answer, with its time. */
type Answers = Readonly<Record<string, readonly string[]>>;

/** Asks a member's CoreDNS and a frontend's again and again. @returns what ends it */
function watchDns(): () => Answers {
  const watches = [member.name, "front-1"].map(
    (host) => [host, new HostWatch(host, WATCH, ...dig(host))] as const,
  );
  return () => Object.fromEntries(watches.map(([host, watch]) => [host, watch.end()]));
}

const WATCH = `echo "$(date +%T) $("$@" | sort | tr '\\n' ' ')"; sleep 0.2`;

/** The container that ends may take a query along; dig tells of it, and asks again as every resolver does. */
function withoutResends(answers: Answers): Answers {
  const entries = Object.entries(answers);
  return Object.fromEntries(
    entries.map(([host, lines]) => [host, lines.map((line) => line.replace(/;; .*? timed out /, ""))]),
  );
}

function assertAllAnswered(answers: Answers): void {
  for (const [host, lines] of Object.entries(answers)) {
    const wrong = lines.filter((line) => line.trim().split(" ").slice(1).join() !== INSTANCES.join());
    assert.deepEqual(wrong, [], host);
  }
}
