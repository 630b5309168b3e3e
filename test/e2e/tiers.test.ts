import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { eventually } from "./eventually.ts";
import { labConfiguration, onHost, ROOT } from "./lab-environment.ts";
import { PulumiStack } from "./pulumi-stack.ts";

const { config } = labConfiguration();
const [machines, frontend] = [config["rundock:hosts"], "front-1"];
const { "rundock:images": images, "rundock:sshKey": sshKey } = config;
const common = { "rundock:images": images, "rundock:sshKey": sshKey };

const data = new PulumiStack(ROOT);
const web = new PulumiStack(ROOT);
const monitoring = new PulumiStack(ROOT);

before(async () => {
  for (const stack of [data, web, monitoring]) await stack.create();
  data.configure({
    ...common,
    "rundock:domain": config["rundock:domain"],
    "rundock:hosts": machines,
    "rundock:deploy": ["discovery", "influxdb"],
  });
  web.configure({ ...common, "rundock:from": [data.name], "rundock:deploy": ["web", "nginx"] });
  monitoring.configure({
    ...common,
    "rundock:from": [data.name, web.name],
    "rundock:deploy": ["monitoring"],
  });
});

after(async () => {
  for (const stack of [monitoring, web, data]) await stack.remove();
});

test("a tier whose foundation is missing says which stack and what to run", async () => {
  const { code, output } = await web.run("preview");
  assert.notEqual(code, 0);
  const said = `rundock:from[0]: the output environment of the stack ${data.name} is missing: run pulumi up --stack ${data.name}`;
  assert.ok(output.includes(said), output);
});

test("tiers build on each other, and the whole works as if it were one stack", async () => {
  await data.succeed("up");
  await web.succeed("up");
  await monitoring.succeed("up");
  const address = machines.find(({ name }) => name === frontend)?.publicAddress;
  await eventually("the web service answers through the frontend", () =>
    /^web 1 on/.test(onHost(frontend, "curl", "--silent", `http://${address}/`)),
  );
  const influx = machines.find(({ name }) => name === "back-1")?.privateAddress;
  const query = `http://${influx}:8086/query?db=metrics&q=SHOW+TAG+VALUES+WITH+KEY+%3D+host`;
  await eventually("collectd's metrics arrive from every host", () => {
    const answer = onHost("back-1", "curl", "--silent", query);
    return machines.every(({ name }) => answer.includes(name));
  });
});

test("a second up of every tier changes nothing", async () => {
  for (const stack of [data, web, monitoring]) await stack.succeed("up", "--refresh", "--expect-no-changes");
});

test("what a foundation has deployed is not deployed twice", async () => {
  web.configure({ ...common, "rundock:from": [data.name], "rundock:deploy": ["web", "influxdb"] });
  const { output } = await web.run("preview");
  assert.match(output, /rundock:deploy: influxdb is deployed by a stack that from names/);
});
