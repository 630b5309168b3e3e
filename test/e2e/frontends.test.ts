import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { eventually } from "./eventually.ts";
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

const stack = new PulumiStack(ROOT);
const settings = {
  "rundock:sshKey": config["rundock:sshKey"],
  "rundock:images": config["rundock:images"],
  "rundock:domain": domain,
  "rundock:publicDomain": zone,
  "rundock:hosts": config["rundock:hosts"].filter(({ name }) => [...FRONTENDS, "back-1"].includes(name)),
  "rundock:deploy": ["discovery", "web", "nginx"],
};

before(async () => {
  await stack.create();
  stack.configure(settings);
  await stack.succeed("up");
  startParentServer();
});

after(async () => {
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

function resolve(name: string): string[] {
  return resolveFrom(parent, "front-1", name);
}

test("the world finds every site at both frontends, by the referral of the zone above", async () => {
  await eventually(
    "the zone above is served",
    () => ask(parent, "front-1", zone, "NS").records !== undefined,
  );
  for (const name of [`web.${zone}`, `grafana.${zone}`, `frontends.${zone}`])
    assert.deepEqual(resolve(name), [...addresses].sort(), name);
});

test("the frontends answer for that zone alone, and show nothing of what is private", () => {
  const frontend = { address: addresses[0] ?? "", port: 53 };
  const status = (name: string) => ask(frontend, "front-1", name, "A").status;
  assert.equal(status(`web.${zone}`), "NOERROR");
  assert.equal(status(`nothing.${zone}`), "NXDOMAIN");
  for (const name of [`web.${domain}`, "example.org"]) assert.equal(status(name), "REFUSED", name);
  const servers = ask(frontend, "front-1", zone, "NS").records ?? [];
  const named = servers.filter(({ type }) => type === "NS").map(({ data }) => data);
  assert.deepEqual(
    named.sort(),
    FRONTENDS.map((name) => `coredns.${name}.ns.dns.${zone}.`),
  );
  assert.equal(ask(frontend, "front-1", zone, "SOA").records?.[0]?.type, "SOA");
});

test("the zone is answered while etcd is not to be had", async () => {
  onHost("back-1", "sv", "-w", "30", "down", "etcd");
  const frontend = { address: addresses[0] ?? "", port: 53 };
  const isStale = () =>
    ask(frontend, "front-1", `web.${zone}`, "A").records?.filter(({ type }) => type === "A").length === 2;
  for (let time = 0; time < 8; time += 1) {
    assert.ok(isStale(), `after ${time} s`);
    await sleep(1000);
  }
  onHost("back-1", "sv", "up", "etcd");
});

test("a frontend that is lost leaves the zone by itself, as a name server too, and comes back", async () => {
  assert.equal(lab("kill", "front-2").status, 0);
  const name = `web.${zone}`;
  await eventually("its address is gone", () => resolve(name).join() === addresses[0]);
  const servers = () => ask({ address: addresses[0] ?? "", port: 53 }, "front-1", zone, "NS").records ?? [];
  await eventually("its name server is gone", () => !servers().some(({ data }) => data.includes("front-2")));
  assert.equal(lab("start", "front-2").status, 0);
  await eventually("its address is back", () => resolve(name).length === 2, 90);
});
