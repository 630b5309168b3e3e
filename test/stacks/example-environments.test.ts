import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { beforeEach, test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";

type Settings = Readonly<Record<string, unknown>>;

/** What the program of a stack exports. */
interface Exports {
  readonly services: readonly Readonly<Record<"service" | "host" | "state", string>>[];
  readonly sitesInMaintenance: readonly string[];
  readonly endpoints: Readonly<Record<string, string>>;
  readonly environment: Readonly<Record<string, unknown>>;
}

const SECRETS = { "rundock:grafanaAdminPassword": "hunter2" };

/** Stack -> what it has put out. */
const outputs = new Map<string, unknown>();
let runs = 0;

beforeEach(() => {
  outputs.clear();
});

function example(name: string): Settings {
  const text = readFileSync(new URL(`../../docs/examples/Pulumi.${name}.yaml`, import.meta.url), "utf8");
  return parse(text).config;
}

/** Runs index.ts with a stack's settings, without an engine. @returns what it exports, all of it known. */
async function run(stack: string, settings: Settings): Promise<Exports> {
  const texts = Object.entries({ ...SECRETS, ...settings }).map(([key, value]) => [
    key,
    typeof value === "string" ? value : JSON.stringify(value),
  ]);
  await pulumi.runtime.setMocks({ newResource, call: () => ({}) }, "rundock", stack, false, "organization");
  pulumi.runtime.setAllConfig(Object.fromEntries(texts), Object.keys(SECRETS));
  runs += 1;
  const exports = pulumi.output({ ...(await import(`../../index.ts?run=${runs}`)) });
  return new Promise((resolve) => exports.apply((known) => resolve(JSON.parse(JSON.stringify(known)))));
}

function newResource({ type, name, inputs, id }: pulumi.runtime.MockResourceArgs) {
  if (type === "pulumi:pulumi:StackReference")
    return { id: name, state: { ...inputs, outputs: { environment: outputs.get(name) } } };
  const made = type.endsWith(":CertificateAuthority") ? `${name}-1a2b` : name;
  return {
    id: id || made,
    state: {
      ...inputs,
      ...{ host: inputs.host?.name, address: "10.0.0.9", digest: "sha256:aa" },
      state: inputs.maintenance || inputs.hostInMaintenance ? "maintenance" : "running",
    },
  };
}

/** Host -> its services. */
function services({ services }: Exports): Record<string, string> {
  const hosts = [...new Set(services.map(({ host }) => host))].sort();
  return Object.fromEntries(
    hosts.map((name) => [
      name,
      services
        .filter(({ host }) => host === name)
        .map(({ service }) => service)
        .sort()
        .join(" "),
    ]),
  );
}

test("one machine has all of its environment", async () => {
  assert.deepEqual(services(await run("single", example("single"))), {
    box: "coredns etcd influxdb nginx web",
  });
});

test("the same program makes staging and production of their own files", async () => {
  const staging = await run("staging", example("staging"));
  assert.deepEqual(services(staging), {
    "back-1": "coredns etcd grafana influxdb web",
    "front-1": "coredns nginx",
  });
  assert.equal(staging.endpoints["web on front-1"], "http://203.0.113.11/");
  const prod = await run("prod", example("prod"));
  assert.deepEqual(services(prod), {
    "back-1": "collectd coredns etcd influxdb web",
    "back-2": "collectd coredns etcd grafana web",
    "back-3": "collectd coredns etcd web",
    "front-1": "collectd coredns nginx",
    "front-2": "collectd coredns nginx",
  });
  assert.equal(prod.endpoints["web on front-2"], "http://203.0.113.12/");
});

test("the same program splits production into a stack with the machines and one that names it", async () => {
  const data = { ...example("prod"), "rundock:deploy": ["discovery", "influxdb", "grafana", "monitoring"] };
  const { environment } = await run("prod-data", data);
  assert.doesNotMatch(JSON.stringify(environment), /PRIVATE KEY|hunter2/);
  outputs.set("organization/rundock/prod-data", environment);
  const web = await run("prod-web", example("prod-web"));
  assert.deepEqual(services(web), {
    "back-1": "web",
    "back-2": "web",
    "back-3": "web",
    "front-1": "nginx",
    "front-2": "nginx",
  });
  assert.deepEqual(web.environment.machines, environment.machines);
  assert.deepEqual(web.environment.deployed, [
    "discovery",
    "influxdb",
    "grafana",
    "web",
    "nginx",
    "monitoring",
  ]);
});

test("what is in maintenance stands in the outputs: services with their host, and sites", async () => {
  const { "rundock:hosts": hosts, ...settings } = example("staging");
  const page = { serverNames: ["www.example.com"], service: "web" };
  const { services, sitesInMaintenance } = await run("staging", {
    ...settings,
    "rundock:hosts": (hosts as { readonly name: string }[]).map((host) =>
      host.name === "front-1" ? { ...host, maintenance: true } : host,
    ),
    "rundock:sites": [page, { ...page, name: "shop", serverNames: ["shop.example.com"], maintenance: true }],
  });
  const states = new Set(services.map(({ host, state }) => `${host} ${state}`));
  assert.deepEqual([...states].sort(), ["back-1 running", "front-1 maintenance"]);
  assert.deepEqual(sitesInMaintenance, ["shop"]);
  assert.deepEqual((await run("staging", example("staging"))).sitesInMaintenance, []);
});

test("every stack whose output is missing, outdated or of another environment is named, with what to run", async () => {
  const { environment } = await run("staging", example("staging"));
  outputs.set("organization/rundock/old", { ...environment, form: 0 });
  outputs.set("organization/rundock/staging", environment);
  outputs.set("acme/rundock/prod", { ...environment, domain: "s.prod.example.com" });
  const from = ["old", "staging", "gone", "acme/rundock/prod"];
  await assert.rejects(run("tier", { "rundock:from": from, "rundock:deploy": ["web"] }), (error: Error) => {
    assert.ok(pulumi.RunError.isInstance(error), String(error));
    assert.deepEqual(error.message.split("\n"), [
      "the stack's configuration is not good:",
      "  rundock:from[0]: the output environment of the stack old was written by another version of Rundock: run pulumi up --stack old",
      "  rundock:from[2]: the output environment of the stack gone is missing: run pulumi up --stack gone",
      "  rundock:from: names stacks of different environments: staging has s.staging.example.com, acme/rundock/prod has s.prod.example.com",
      "  rundock:deploy: web is deployed by a stack that from names",
    ]);
    return true;
  });
});

test("a configuration that is not good is told in the same way, with all that is wrong", async () => {
  const wrong = { "rundock:domain": "staging", "rundock:hots": [], "rundock:grafanaAdminPassword": "" };
  await assert.rejects(run("bad", { ...example("staging"), ...wrong }), {
    message:
      /^the stack's configuration is not good:\n {2}rundock:domain: .*\n {2}rundock:hots: is not a known property\n {2}rundock:grafanaAdminPassword: is missing: .*$/,
  });
});
