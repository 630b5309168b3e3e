import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type IncomingHttpHeaders, request } from "node:http";
import { request as requestOverTls } from "node:https";
import type { Socket } from "node:net";
import { text } from "node:stream/consumers";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { parse } from "yaml";
import { type NginxArgs, nginxConfiguration } from "../../stacks/nginx-configuration.ts";
import type { Site } from "../../stacks/site.ts";
import { makeCertificate } from "../certificate.ts";
import { eventually } from "./eventually.ts";
import { getOverTls, whileConnecting } from "./fresh-connections.ts";
import { FrontendUpstreams } from "./frontend-upstreams.ts";
import { lab, labConfiguration, onHost, ROOT, tryOnHost } from "./lab-environment.ts";
import { PulumiStack } from "./pulumi-stack.ts";
import { ask, type NameServer, resolveFrom } from "./resolving-client.ts";
import { labHost, labImage } from "./services-stack.ts";

const { config } = labConfiguration();
const FRONTENDS = ["front-1", "front-2"];
const addresses = FRONTENDS.map((name) => labHost(name).publicAddress ?? "");
const [domain, parentZone] = [
  config["rundock:domain"] as string,
  (config["rundock:domain"] as string).slice(2),
];
const zone = `www.${parentZone}`;

const names = { web: `web.${zone}`, status: `status.${zone}` };
const site = {
  serverNames: [names.web],
  service: "web",
  tls: "main",
  accessLog: "json",
  retries: { tries: 3 },
};
const other = { name: "status", serverNames: [names.status, zone], service: "web" };
/** Sites whose instances are in this process. Their names lie outside of the zone. */
const PROBED = [
  { name: "retried", serverNames: ["retried.example.net"], service: "probe", retries: { tries: 2 } },
  { name: "once", serverNames: ["once.example.net"], service: "probe", retries: false },
  { name: "counted", serverNames: ["counted.example.net"], service: "doomed", retries: { tries: 2 } },
  { name: "hurried", serverNames: ["hurried.example.net"], service: "doomed", retries: { timeout: 0.1 } },
  {
    ...{ name: "unmade", serverNames: ["unmade.example.net"], service: "unmade" },
    ...{ timeouts: { connect: 1.5 }, retries: false },
  },
  {
    ...{ name: "deaf", serverNames: ["deaf.example.net"], service: "deaf" },
    ...{ timeouts: { send: 0.5 }, bodySize: "32m" },
  },
  { name: "doomed", serverNames: ["doomed.example.net"], service: "doomed" },
  { name: "moved", serverNames: ["moved.example.net"], service: "moved" },
  {
    ...{ name: "strict", serverNames: ["strict.example.net"], service: "single" },
    ...{ tls: "main", redirectToHttps: false, accessLog: "off" },
    ...{ bodySize: "1k", timeouts: { read: 1, websocket: 4 } },
  },
];
const MOVED = ["moved/a", "moved/b"];
const upstreams = new FrontendUpstreams();
/** The last one is weaker than nginx takes. */
const certificates = [[], [], ["-newkey", "rsa:1024"]].map((newKey) =>
  makeCertificate([names.web], newKey.length > 0 ? newKey : undefined),
);
/** As the stack's file has them. */
const secrets: object[] = [];

const stack = new PulumiStack(ROOT);
const settings = {
  "rundock:sshKey": config["rundock:sshKey"],
  "rundock:images": config["rundock:images"],
  "rundock:domain": domain,
  "rundock:publicDomain": zone,
  "rundock:hosts": config["rundock:hosts"].filter(({ name }) => [...FRONTENDS, "back-1"].includes(name)),
  "rundock:deploy": ["discovery", "web", "nginx"],
};

function declare(
  pair: object | undefined,
  changes: { readonly status?: object; readonly nginx?: string } = {},
): void {
  const images = config["rundock:images"] as Record<string, string>;
  stack.configure({
    ...settings,
    "rundock:images": { ...images, nginx: changes.nginx ?? images.nginx },
    "rundock:sites": [site, { ...other, ...changes.status }, ...PROBED],
    ...(pair === undefined ? {} : { "rundock:tls": { main: pair } }),
  });
}

/** As a person does it. */
async function encryptCertificates(): Promise<void> {
  const values = certificates.flatMap((pair, index) =>
    Object.entries(pair).map(([part, pem]) => `rundock:tls.n${index}.${part}=${pem}`),
  );
  await stack.succeed("config", "set-all", "--path", ...values.flatMap((value) => ["--secret", value]));
  const written = parse(readFileSync(`${ROOT}/Pulumi.${stack.name}.yaml`, "utf8")).config["rundock:tls"];
  secrets.push(...certificates.map((_, index) => written[`n${index}`]));
}

before(async () => {
  await stack.create();
  declare(undefined);
  await encryptCertificates();
  declare({ ...secrets[0], key: certificates[0]?.key });
  assert.match((await stack.run("preview")).output, /rundock:tls\.main\.key: should be a secret/);
  declare(secrets[0]);
  await stack.succeed("up");
  startParentServer();
  await upstreams.start(addresses[0] ?? "");
  putRecord("probe/good", upstreams.goodPort);
  putRecord("probe/bad", upstreams.badPorts[0]);
  putRecord("single/good", upstreams.goodPort);
  for (const [index, port] of upstreams.badPorts.entries()) putRecord(`doomed/${index}`, port);
  putRecord("unmade/nobody", 80, upstreams.unusedAddress);
  for (const [index, label] of MOVED.entries()) putRecord(label, upstreams.badPorts[index]);
  putRecord("deaf/it", upstreams.deafPort);
});

after(async () => {
  upstreams.close();
  tryOnHost("back-1", "docker", "rm", "--force", "parent");
  await stack.remove();
});

/** Of the zone above, which names the frontends as the name servers of the public one, with their addresses as glue. */
const parent: NameServer = { address: labHost("back-1").privateAddress, port: 5300 };

function startParentServer(): void {
  const corefile = `${parentZone}:${parent.port} {\n  bind ${parent.address}\n  file /zones/zone\n}\n`;
  const delegation = FRONTENDS.flatMap((name, index) => [
    `${zone}. 60 IN NS coredns.${name}.ns.dns.${zone}.`,
    `coredns.${name}.ns.dns.${zone}. 60 IN A ${addresses[index]}`,
  ]);
  const apex = [`@ 60 IN SOA ns hostmaster 1 60 60 60 60`, "@ 60 IN NS ns", `ns 60 IN A ${parent.address}`];
  const zoneFile = [`$ORIGIN ${parentZone}.`, ...apex, ...delegation, ""].join("\n");
  const write =
    'mkdir -p /tmp/zones && printf %s "$1" >/tmp/zones/Corefile && printf %s "$2" >/tmp/zones/zone';
  onHost("back-1", "sh", "-c", write, "sh", corefile, zoneFile);
  const run = [
    "docker",
    "run",
    "--detach",
    "--name=parent",
    "--network=host",
    "--volume=/tmp/zones:/zones:ro",
  ];
  onHost("back-1", ...run, labImage("coredns"), "-conf", "/zones/Corefile");
}

/** As a third party does that announces itself. */
function putRecord(label: string, port: number | undefined, host = upstreams.address): void {
  const key = `/skydns/${domain.split(".").reverse().join("/")}/${label}`;
  const value = JSON.stringify({ host, port, ttl: 1 });
  const [keyText, valueText] = [key, value].map((text) => Buffer.from(text).toString("base64"));
  const script =
    '. /usr/local/lib/rundock/paths.sh; . /usr/local/lib/rundock/etcd.sh; etcd_request kv/put "$1"';
  onHost("back-1", "sh", "-euc", script, "sh", JSON.stringify({ key: keyText, value: valueText }));
}

function resolve(name: string): string[] {
  return resolveFrom(parent, "front-1", name);
}

test("the world finds every site at both frontends, by the referral of the zone above", async () => {
  await eventually(
    "the zone above is served",
    () => ask(parent, "front-1", zone, "NS").records !== undefined,
  );
  for (const name of [names.web, names.status, `frontends.${zone}`, zone])
    assert.deepEqual(resolve(name), [...addresses].sort(), name);
});

test("the frontends answer for that zone alone, and show nothing of what is private", () => {
  const frontend = { address: addresses[0] ?? "", port: 53 };
  const status = (name: string) => ask(frontend, "front-1", name, "A").status;
  assert.equal(status(names.web), "NOERROR");
  assert.equal(status(`nothing.${zone}`), "NXDOMAIN");
  for (const name of [`web.${domain}`, "example.org"]) assert.equal(status(name), "REFUSED", name);
  const servers = ask(frontend, "front-1", zone, "NS").records ?? [];
  const named = servers.filter(({ type }) => type === "NS").map(({ data }) => data);
  assert.deepEqual(
    named.sort(),
    FRONTENDS.map((name) => `coredns.${name}.ns.dns.${zone}.`),
  );
  assert.equal(ask(frontend, "front-1", zone, "SOA").records?.[0]?.type, "SOA");
  const texts = ask(frontend, "front-1", `frontends.${zone}`, "TXT").records ?? [];
  assert.deepEqual(
    texts.filter(({ type }) => type === "TXT"),
    [],
    "the world is not told what runs",
  );
});

test("the zone is answered while etcd is not to be had", async () => {
  onHost("back-1", "sv", "-w", "30", "down", "etcd");
  const frontend = { address: addresses[0] ?? "", port: 53 };
  const isStale = () =>
    ask(frontend, "front-1", names.web, "A").records?.filter(({ type }) => type === "A").length === 2;
  for (let time = 0; time < 8; time += 1) {
    assert.ok(isStale(), `after ${time} s`);
    await sleep(1000);
  }
  onHost("back-1", "sv", "up", "etcd");
});

function containersOfNginx(): string[] {
  return FRONTENDS.map((host) => onHost(host, "docker", "inspect", "--format={{.Id}}", "nginx").trim());
}

function fingerprintOf(pair: { readonly certificate: string } | undefined): string {
  return new X509Certificate(pair?.certificate ?? "").fingerprint256;
}

const HEALTH = { path: "/nginx-health" };

interface PlainRequest {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

async function getPlainly(address: string, host: string, { headers = {}, body, ...rest }: PlainRequest = {}) {
  // fetch would not send another host than the URL's.
  const options = { host: address, ...rest, headers: { host, ...headers }, agent: false };
  const signal = AbortSignal.timeout(40_000);
  return new Promise<{ status: number; headers: IncomingHttpHeaders; body: string }>((resolve, reject) => {
    const sent = request({ ...options, signal }, async (response) => {
      const body = await text(response);
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body });
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

test("each site answers by its names: over TLS with its certificate, where plain requests are sent, or without", async () => {
  for (const address of addresses) {
    const { status, body, fingerprint } = await getOverTls(address, names.web);
    assert.equal(status, 200);
    assert.match(body, /^web 1/);
    assert.equal(fingerprint, fingerprintOf(certificates[0]));
    const redirect = await getPlainly(address, names.web);
    assert.deepEqual([redirect.status, redirect.headers.location], [308, `https://${names.web}/`]);
    assert.match((await getPlainly(address, names.status)).body, /^web 1/);
    for (const name of Object.values(names))
      assert.equal((await getPlainly(address, name, HEALTH)).status, 204, `${name} tells that nginx is well`);
    await assert.rejects(
      getOverTls(address, names.status),
      "a certificate is shown for a name that has none",
    );
  }
});

test("requests are noted as JSON, or not at all, or as nginx does it when the site says nothing", async () => {
  const [address = ""] = addresses;
  await getPlainly(address, "strict.example.net", { path: "/unnoted" });
  await getOverTls(address, names.web);
  await getPlainly(address, names.status);
  const log = () => onHost("front-1", "docker", "logs", "--tail", "100", "nginx").split("\n");
  await eventually("the last one is noted", () =>
    log().some((line) => / "GET \/ HTTP\/1\.1" 200 /.test(line)),
  );
  await eventually("the one before is noted as JSON", () => {
    const lines = log().filter((line) => line.startsWith("{"));
    return lines
      .map((line) => JSON.parse(line))
      .some(({ site, status }) => site === names.web && status === 200);
  });
  assert.ok(!log().some((line) => line.includes("/unnoted")));
});

test("what came over TLS is passed on by another frontend, and not sent back to TLS", async () => {
  const url = `http://${labHost("front-2").privateAddress}/`;
  const headers = ["--header", `Host: ${names.web}`, "--header", "X-Frontend: front-1"];
  assert.match(onHost("front-1", "curl", "--silent", "--show-error", ...headers, url), /^web 1/);
  const options = ["--insecure", "--http2", "--resolve", `${names.web}:443:${addresses[0]}`];
  const wanted = ["--output", "/dev/null", "--write-out", "%{http_version} %{http_code}"];
  assert.equal(
    onHost("front-1", "curl", "--silent", ...options, ...wanted, `https://${names.web}/`),
    "2 200",
  );
  const claimed = await getPlainly(addresses[0] ?? "", names.web, { headers: { "x-frontend": "front-2" } });
  assert.equal(claimed.status, 308, "who only says that it is a frontend is sent to TLS");
});

test("a request goes on to another instance where the site says so, and a POST that was sent is not sent again", async () => {
  const [address = ""] = addresses;
  const statuses = async (name: string, method: string) => {
    const found: number[] = [];
    for (let time = 0; time < 10; time += 1) found.push((await getPlainly(address, name, { method })).status);
    return found;
  };
  await eventually("nginx knows both instances", async () => {
    await getPlainly(address, "once.example.net");
    return upstreams.ended > 0 && (await getPlainly(address, "once.example.net")).status === 200;
  });
  const before = upstreams.ended;
  assert.deepEqual(new Set(await statuses("retried.example.net", "GET")), new Set([200]));
  assert.ok(upstreams.ended > before, "the bad one was tried");
  for (const [name, method] of [
    ["once.example.net", "GET"],
    ["retried.example.net", "POST"],
  ] as const) {
    const already = upstreams.ended;
    const failed = (await statuses(name, method)).filter((status) => status !== 200);
    assert.deepEqual(new Set(failed), new Set([502]), name);
    assert.equal(upstreams.ended - already, failed.length, `${method} to ${name} is sent once`);
  }
});

test("a GET that every instance fails is sent as often as the site says, and no longer than it says", async () => {
  const attempts = async (name: string, path = "/") => {
    const already = upstreams.ended;
    const { status } = await getPlainly(addresses[0] ?? "", name, { path });
    return [status, upstreams.ended - already];
  };
  // The frontend's own three, then once more those of the other one.
  await eventually(
    "both frontends send it once to each",
    async () => String(await attempts("doomed.example.net")) === "502,6",
  );
  assert.deepEqual(await attempts("counted.example.net"), [502, 2]);
  assert.deepEqual(await attempts("hurried.example.net", "/late"), [502, 1]);
});

test("a site bounds time and size, and answers plainly beside TLS when it is to", async () => {
  const [address = ""] = addresses;
  const ask = (request: PlainRequest) => getPlainly(address, "strict.example.net", request);
  await eventually("nginx knows the instance", async () => (await ask({})).status === 200);
  assert.equal((await ask({})).body, "0 from http");
  assert.equal((await getOverTls(address, "strict.example.net")).body, "0 from https");
  assert.equal((await ask({ method: "POST", body: "x".repeat(1024) })).body, "1024 from http");
  assert.equal((await ask({ method: "POST", body: "x".repeat(1025) })).status, 413);
  assert.equal((await ask({ path: "/slow" })).status, 504);
});

test("a request that waits for an instance when all of them change is begun anew with those there are then", async () => {
  const send = async (path = "/") => {
    const already = upstreams.ended;
    const { status } = await getPlainly(addresses[0] ?? "", "moved.example.net", { path });
    return { status, attempts: upstreams.ended - already };
  };
  await eventually("both frontends know the instances", async () => (await send()).attempts === 4);
  const already = upstreams.ended;
  const waiting = send("/held");
  await eventually("an instance holds it", () => upstreams.ended > already);
  for (const label of MOVED) putRecord(label, upstreams.goodPort);
  await eventually("the frontend knows others", async () => (await send()).status === 200);
  upstreams.release();
  assert.equal((await waiting).status, 200);
});

test("a site bounds the time for a connection to stand, and for an instance to read", async () => {
  const [address = ""] = addresses;
  let start = 0;
  await eventually("nginx knows the instances", async () => {
    start = performance.now();
    return (await getPlainly(address, "unmade.example.net")).status === 504;
  });
  assert.ok(performance.now() - start > 1400, "longer than by default");
  const body = "x".repeat(2 ** 24);
  assert.equal((await getPlainly(address, "deaf.example.net", { method: "POST", body })).status, 504);
});

test("a websocket passes through TLS, and may say nothing for longer than a request", async () => {
  const headers = { host: "strict.example.net", connection: "Upgrade", upgrade: "websocket" };
  const tls = { servername: headers.host, rejectUnauthorized: false };
  const sent = requestOverTls({ host: addresses[0], headers, agent: false, ...tls }).end();
  const [, socket] = (await once(sent, "upgrade")) as [unknown, Socket];
  await sleep(1500);
  socket.write("still there");
  assert.equal(String((await once(socket, "data"))[0]), "still there");
  await once(socket.resume(), "close");
});

test("a key lies in a 0600 file, and neither in the state nor where another may read it", async () => {
  const [line = ""] = certificates[0]?.key.split("\n").slice(1) ?? [];
  const file = "/etc/sv/nginx/releases/current/private/config/tls/main.key";
  assert.equal(onHost("front-1", "stat", "--format=%a %U", file).trim(), "600 root");
  assert.ok(onHost("front-1", "cat", file).includes(line));
  assert.ok(!(await stack.succeed("stack", "export")).includes(line), "the state shows the key");
  const search = `grep -rl ${line} /etc /run /tmp /var/log 2>/dev/null || true`;
  assert.equal(onHost("front-1", "setpriv", "--reuid=nobody", "--clear-groups", "sh", "-c", search), "");
});

test("a new certificate and a maintenance page come by a reload: no container is new, no connection is refused", async () => {
  const before = containersOfNginx();
  declare(secrets[1], { status: { maintenance: { html: '<p>$5 "soon"</p>', retryAfter: 60 } } });
  const preview = await stack.succeed("preview", "--diff");
  assert.match(preview, /front-1: nginx: configuration checked and reloaded, container untouched/);
  assert.doesNotMatch(preview, /PRIVATE KEY/);
  const failed = await whileConnecting(addresses, names.web, () => stack.succeed("up"));
  assert.deepEqual(failed, []);
  assert.deepEqual(containersOfNginx(), before);
  for (const address of addresses) {
    const isNew = async () =>
      (await getOverTls(address, names.web)).fingerprint === fingerprintOf(certificates[1]);
    await eventually(`${address} shows the new certificate`, isNew);
    for (const method of ["GET", "POST"]) {
      const { status, headers, body } = await getPlainly(address, names.status, { method });
      assert.deepEqual([status, headers["retry-after"], body], [503, "60", '<p>$5 "soon"</p>'], method);
    }
    assert.equal((await getPlainly(address, names.status, { method: "HEAD" })).status, 503);
    assert.equal((await getPlainly(address, names.status, HEALTH)).status, 204, "nginx itself is well");
  }
});

test("a certificate that nginx does not take never replaces a working one", async () => {
  declare(secrets[2]);
  const { code, output } = await stack.run("up");
  assert.notEqual(code, 0);
  assert.match(output, /front-\d: nginx: could not accept the new configuration/);
  assert.match(output, /key too small/);
  for (const address of addresses)
    assert.equal((await getOverTls(address, names.web)).fingerprint, fingerprintOf(certificates[1]));
});

test("a key that a hand changed is seen by its hash and put back, and a new nginx takes over without a refused connection", async () => {
  const file = "/etc/sv/nginx/releases/current/private/config/tls/main.key";
  onHost("front-1", "sh", "-c", 'echo >>"$1"', "sh", file);
  declare(secrets[1]);
  const preview = await stack.succeed("preview", "--refresh");
  assert.match(preview, /front-1: nginx: configuration checked and reloaded, container untouched/);

  const before = containersOfNginx();
  const image = labImage("nginx");
  const digest = onHost(
    "front-1",
    "docker",
    "image",
    "inspect",
    "--format={{index .RepoDigests 0}}",
    image,
  ).trim();
  declare(secrets[1], { nginx: digest });
  const failed = await whileConnecting(addresses, names.web, () => stack.succeed("up", "--refresh"));
  assert.deepEqual(failed, []);
  for (const [index, id] of containersOfNginx().entries()) assert.notEqual(id, before[index]);
  assert.ok(!onHost("front-1", "cat", file).endsWith("\n\n"));
  await stack.succeed("up", "--refresh", "--expect-no-changes");
});

test("nginx takes whatever can be configured", () => {
  const { address, privateAddress } = {
    privateAddress: labHost("front-1").privateAddress,
    address: addresses[0] ?? "",
  };
  const others = [{ address: addresses[1] ?? "", privateAddress: labHost("front-2").privateAddress }];
  const args = { domain, resolver: privateAddress, address, privateAddress, others };
  const plain: Site = { serverNames: ["www.example.com"], service: "web" };
  const tls: Site = { serverNames: ["*.example.com"], service: "shop", tls: "main" };
  const VARIANTS: readonly (Partial<NginxArgs> & Pick<NginxArgs, "sites">)[] = [
    { sites: [plain, { ...tls, redirectToHttps: false, port: 3000, maintenance: true }] },
    { sites: [tls, { ...tls, name: "two", serverNames: [`${"long".repeat(15)}.example.com`], tls: "main" }] },
    { sites: [{ ...plain, maintenance: { text: "x", status: 500 } }], others: [] },
    {
      sites: [{ ...tls, timeouts: { connect: 0.25, read: 5, send: 5, websocket: 3600 }, bodySize: "0" }],
      others: [],
    },
    { sites: [{ ...tls, retries: false, accessLog: "json", timeouts: { websocket: 60 } }, plain] },
    {
      sites: [{ ...plain, retries: { tries: 2, timeout: 1.5 }, accessLog: "off" }, tls],
      privateAddress: address,
    },
  ];
  const pair = certificates[0];
  const check =
    'mkdir -p /tmp/v/tls && cd /tmp/v && printf %s "$1" >nginx.conf && printf %s "$2" >tls/main.crt && printf %s "$3" >tls/main.key && nginx -t -c /tmp/v/nginx.conf';
  for (const variant of VARIANTS) {
    const configuration = nginxConfiguration({ ...args, ...variant });
    const words = ["sh", "-c", check, "sh", configuration, pair?.certificate ?? "", pair?.key ?? ""];
    const { status, stderr } = tryOnHost("front-1", "docker", "exec", "nginx", ...words);
    assert.equal(status, 0, `${stderr}\n${configuration}`);
    assert.doesNotMatch(stderr, /\[warn\]/);
  }
});

async function assertLeavesZone(): Promise<void> {
  await eventually("its address is gone", () => resolve(names.web).join() === addresses[0]);
  const servers = () => ask({ address: addresses[0] ?? "", port: 53 }, "front-1", zone, "NS").records ?? [];
  await eventually("its name server is gone", () => !servers().some(({ data }) => data.includes("front-2")));
}

test("a frontend's host in maintenance leaves the zone, and serves who comes all the same", async () => {
  onHost("front-2", "touch", "/etc/rundock/maintenance");
  await assertLeavesZone();
  assert.equal((await getOverTls(addresses[1] ?? "", names.web)).status, 200);
  onHost("front-2", "rm", "/etc/rundock/maintenance");
  await eventually("its address is back", () => resolve(names.web).length === 2);
});

test("a frontend that is lost leaves the zone by itself, as a name server too, and comes back", async () => {
  assert.equal(lab("kill", "front-2").status, 0);
  await assertLeavesZone();
  assert.equal(lab("start", "front-2").status, 0);
  await eventually("its address is back", () => resolve(names.web).length === 2, 90);
});
