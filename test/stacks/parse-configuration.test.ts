import assert from "node:assert/strict";
import { test } from "node:test";
import { SpecError } from "../../providers/spec/spec-error.ts";
import { COMPOSITIONS } from "../../stacks/composition-names.ts";
import { parseConfiguration } from "../../stacks/parse-configuration.ts";

const front = {
  name: "front-1",
  roles: ["frontend"],
  address: "203.0.113.11",
  hostKey: "ssh-ed25519 AAAA",
  privateAddress: "10.0.0.11",
  publicAddress: "203.0.113.11",
};
const back = { ...front, name: "back-1", roles: ["backend"], address: "10.0.0.21", jump: "front-1" };
const good = {
  domain: "s.prod.example.com",
  hosts: [front, back],
  images: { collectd: "collectd:1" },
  hasGrafanaPassword: true,
};

const site = { serverNames: ["www.example.com"], service: "web" };

function refusedPaths(changes: object): string[] {
  try {
    parseConfiguration({ ...good, ...changes });
  } catch (error) {
    assert.ok(error instanceof SpecError, String(error));
    return error.failures.map(({ path }) => path).sort();
  }
  return [];
}

test("everything is deployed with public images unless told otherwise", () => {
  const { deploy, images } = parseConfiguration(good);
  assert.deepEqual(deploy, COMPOSITIONS);
  assert.equal(images.influxdb, "influxdb:1.8");
  assert.equal(images.collectd, "collectd:1");
});

test("all failures come at once, with their paths", () => {
  const { publicAddress: _, ...homeless } = front;
  const { privateAddress: __, ...unreachable } = homeless;
  const wrong = {
    domain: "prod",
    hosts: [unreachable, back, { ...back, port: 0, rolse: [] }],
    deploy: ["discovrey", "grafana", "monitoring"],
    images: { etcd: "" },
    hasGrafanaPassword: false,
    sites: [
      { ...site, port: 0, tls: "main" },
      { ...site, tls: "other" },
    ],
    tls: { main: { certificate: 1, key: "PEM" }, other: { certificate: "PEM", key: "PEM" } },
  };
  assert.deepEqual(refusedPaths(wrong), [
    "deploy[0]",
    "domain",
    "grafanaAdminPassword",
    "hosts[0].privateAddress",
    "hosts[0].publicAddress",
    "hosts[2].name",
    "hosts[2].port",
    "hosts[2].rolse",
    "images.collectd",
    "images.etcd",
    "sites[0].port",
    "sites[1].name",
    "sites[1].serverNames[0]",
    "tls.main.certificate",
    "tls.other.certificate",
    "tls.other.key",
  ]);
  assert.deepEqual(refusedPaths({ hosts: [homeless, back, back] }), [
    "hosts[0].publicAddress",
    "hosts[2].name",
  ]);
  assert.deepEqual(refusedPaths({ images: {}, hasGrafanaPassword: false }), [
    "grafanaAdminPassword",
    "images.collectd",
  ]);
});

test("what cannot be read is told once, and not taken for what is missing", () => {
  assert.deepEqual(refusedPaths({ hosts: "front-1" }), ["hosts"]);
  assert.deepEqual(refusedPaths({ hosts: [{ ...back, roles: ["backnd"], jump: undefined }] }), [
    "hosts[0].roles[0]",
  ]);
  assert.deepEqual(refusedPaths({ deploy: "web", images: {}, hasGrafanaPassword: false }), ["deploy"]);
  assert.deepEqual(refusedPaths({ from: [""], hosts: [], domain: undefined, deploy: ["wbe"] }), [
    "deploy[0]",
    "from[0]",
  ]);
});

test("addresses and ports that cannot be are refused", () => {
  const wrong = { ...back, privateAddress: "back-1.lan", port: 0 };
  assert.deepEqual(refusedPaths({ hosts: [front, wrong] }), ["hosts[1].port", "hosts[1].privateAddress"]);
});

test("a misspelt setting is refused", () => {
  assert.deepEqual(refusedPaths({ deplyo: ["web"] }), ["deplyo"]);
  assert.deepEqual(refusedPaths({ hosts: [front, { ...back, rolse: [] }] }), ["hosts[1].rolse"]);
});

test("a host is in maintenance or is not", () => {
  assert.deepEqual(refusedPaths({ hosts: [front, { ...back, maintenance: true }] }), []);
  assert.deepEqual(refusedPaths({ hosts: [front, { ...back, maintenance: "soon" }] }), [
    "hosts[1].maintenance",
  ]);
});

test("a jump host is another host, in any order, and may have one of its own", () => {
  assert.deepEqual(refusedPaths({ hosts: [back, front] }), []);
  const further = { ...back, name: "back-2", jump: "back-1" };
  assert.deepEqual(refusedPaths({ hosts: [further, back, front] }), []);
  assert.deepEqual(refusedPaths({ hosts: [front, { ...back, jump: "front-9" }] }), ["hosts[1].jump"]);
  assert.deepEqual(refusedPaths({ hosts: [front, { ...back, jump: "back-1" }] }), ["hosts[1].jump"]);
});

test("jump hosts that lead round in a circle are refused", () => {
  const hosts = [front, { ...back, jump: "back-2" }, { ...back, name: "back-2", jump: "back-1" }];
  assert.deepEqual(refusedPaths({ hosts }), ["hosts[1].jump", "hosts[2].jump"]);
});

test("a host key may be left to known_hosts", () => {
  const { hostKey: _, ...known } = front;
  assert.deepEqual(refusedPaths({ hosts: [known, back] }), []);
});

test("a host that is to be bootstrapped has a pinned key, and at most one jump host, whose key is pinned too", () => {
  const { hostKey: _, ...known } = front;
  const bare = { ...back, bootstrap: { insecureRegistries: ["registry.lab:5000"] } };
  assert.deepEqual(refusedPaths({ hosts: [{ ...front, bootstrap: true }, bare] }), []);
  assert.deepEqual(refusedPaths({ hosts: [{ ...known, bootstrap: false }, back] }), []);
  assert.deepEqual(refusedPaths({ hosts: [{ ...known, bootstrap: true }, bare] }), [
    "hosts[0].hostKey",
    "hosts[1].jump.hostKey",
  ]);
  const far = { ...bare, name: "back-2", jump: "back-1", bootstrap: { insecureRegistries: ["a b"] } };
  assert.deepEqual(refusedPaths({ hosts: [front, bare, far] }), [
    "hosts[2].bootstrap.insecureRegistries[0]",
    "hosts[2].jump.jump",
  ]);
});

test("what runs on backends needs one", () => {
  assert.deepEqual(refusedPaths({ hosts: [front] }), ["hosts"]);
  assert.deepEqual(refusedPaths({ hosts: [front], deploy: ["nginx", "monitoring"] }), []);
});

test("a password or an image that nothing deployed needs may be missing", () => {
  const bare = { images: {}, hasGrafanaPassword: false };
  assert.deepEqual(refusedPaths({ ...bare, deploy: ["discovery", "web"] }), []);
});

test("the public zone is another one than the domain, lies outside of it, and belongs to the machines", () => {
  assert.deepEqual(refusedPaths({ publicDomain: "prod.example.com" }), []);
  for (const publicDomain of [good.domain, `www.${good.domain}`, "www"])
    assert.deepEqual(refusedPaths({ publicDomain }), ["publicDomain"]);
  const tier = { hosts: [], domain: "", from: ["prod-data"], deploy: ["nginx"] };
  assert.deepEqual(refusedPaths({ ...tier, publicDomain: "www.example.com" }), ["publicDomain"]);
});

test("sites are told apart by name, server name and port, and have a certificate where they say so", () => {
  assert.deepEqual(refusedPaths({ sites: [site] }), []);
  const wrong = [
    { ...site, serverNames: ["example.com", "UP.example.com"] },
    {
      ...site,
      retries: true,
      timeouts: { read: 0 },
      bodySize: "2 MB",
      maintenance: { html: "a", text: "b" },
    },
  ];
  assert.deepEqual(refusedPaths({ sites: wrong }), [
    "sites[0].serverNames[1]",
    "sites[1].bodySize",
    "sites[1].maintenance",
    "sites[1].name",
    "sites[1].retries",
    "sites[1].timeouts.read",
  ]);
  const colliding = [
    site,
    { ...site, port: 80 },
    { ...site, name: "other", serverNames: ["o.example.com"], port: 443, redirectToHttps: true },
    { name: "tls", serverNames: ["t.example.com"], service: "web", port: 3000, tls: "none" },
  ];
  assert.deepEqual(refusedPaths({ sites: colliding }), [
    "sites[1].name",
    "sites[1].port",
    "sites[1].serverNames[0]",
    "sites[2].port",
    "sites[2].redirectToHttps",
    "sites[3].tls",
  ]);
});

test("no sites are the environment's own", () => {
  assert.equal(parseConfiguration({ ...good, sites: [] }).sites, undefined);
});

test("etcd is secure unless plain is asked for", () => {
  assert.equal(parseConfiguration(good).discovery.security, "tls");
  assert.equal(parseConfiguration({ ...good, discovery: { security: "plain" } }).discovery.security, "plain");
  assert.deepEqual(refusedPaths({ discovery: { security: "none", certificateDays: 1 } }), [
    "discovery.certificateDays",
    "discovery.security",
  ]);
});

test("a secure etcd is deployed by the stack that has the hosts", () => {
  const tier = { domain: undefined, hosts: undefined, from: ["prod-machines"], deploy: ["discovery"] };
  assert.deepEqual(refusedPaths(tier), ["deploy"]);
  assert.deepEqual(refusedPaths({ ...tier, discovery: { security: "plain" } }), []);
});

test("a certificate called __proto__ is refused, and not passed over", () => {
  const tls = JSON.parse('{ "__proto__": { "certificate": "PEM", "key": "PEM" } }');
  assert.ok(refusedPaths({ tls }).includes("tls.__proto__"));
});
