import assert from "node:assert/strict";
import { before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { lab, labConfiguration, onHost, tryOnHost } from "./lab-environment.ts";
import { keepImages, leaveLab, useLab } from "./lab-use.ts";
import { PulumiStack } from "./pulumi-stack.ts";

const stack = PulumiStack.ofLab();
const { config } = labConfiguration();
const domain = config["rundock:domain"] as string;
const hosts = config["rundock:hosts"];
const frontends = hosts.filter(({ roles }) => roles.includes("frontend"));
const backends = hosts.filter(({ roles }) => roles.includes("backend"));
const grafanaPassword = () => stack.succeed("config", "get", "rundock:grafanaAdminPassword");

before(async () => {
  useLab(stack.name);
  await stack.succeed("up");
});

/** Asks the host's own CoreDNS. */
function dig(host: string, name: string, type: string): string[] {
  const address = hosts.find((each) => each.name === host)?.privateAddress;
  return onHost(host, "dig", "+short", "+time=2", `@${address}`, name, type)
    .split("\n")
    .filter(Boolean)
    .sort();
}

function curl(host: string, ...words: string[]): string {
  return onHost(host, "curl", "--silent", "--show-error", "--fail", "--max-time", "10", ...words);
}

test("a second up changes nothing", async () => {
  await stack.succeed("up", "--refresh", "--expect-no-changes");
});

test("every host answers A and SRV for a service and for its machine's own name", () => {
  for (const { name } of hosts) {
    const addresses = dig(name, `influxdb.${domain}`, "A");
    assert.equal(addresses.length, 1, `${name} answers one address`);
    const machine = backends.find(({ privateAddress }) => privateAddress === addresses[0]);
    assert.ok(machine, "the address is a backend's");
    assert.deepEqual(dig(name, `${machine.name}.influxdb.${domain}`, "A"), addresses);
    assert.match(dig(name, `influxdb.${domain}`, "SRV").join(), / 8086 /);
    assert.match(dig(name, `${machine.name}.influxdb.${domain}`, "SRV").join(), / 8086 /);
  }
});

test("what is written to InfluxDB by its discovered name is read through Grafana behind a frontend", async () => {
  const [address] = dig("back-2", `influxdb.${domain}`, "A");
  const influx = `http://influxdb.${domain}:8086`;
  const resolve = ["--resolve", `influxdb.${domain}:8086:${address}`];
  curl("back-2", ...resolve, "--data-binary", "probe,source=test value=42", `${influx}/write?db=metrics`);
  const refused = tryOnHost(
    "front-1",
    "curl",
    "--silent",
    "--fail",
    "--user",
    "admin:admin",
    `http://${frontends[0]?.publicAddress}:3000/api/datasources`,
  );
  assert.notEqual(refused.status, 0, "Grafana takes the password that it comes with");
  const login = `admin:${(await grafanaPassword()).trim()}`;
  for (const { name, publicAddress } of frontends) {
    const sources = curl(
      name,
      "--user",
      login,
      "--header",
      `Host: grafana.${domain}`,
      `http://${publicAddress}/api/datasources`,
    );
    const [source] = JSON.parse(sources) as { id: number; database: string }[];
    assert.ok(source, "a datasource is provisioned");
    const query = `http://${publicAddress}/api/datasources/proxy/${source.id}/query?db=${source.database}&q=SELECT+*+FROM+probe`;
    assert.match(curl(name, "--user", login, "--header", `Host: grafana.${domain}`, query), /"test",42/);
  }
});

test("the web service answers through both frontends, balanced over all backends", () => {
  for (const { name, publicAddress } of frontends) {
    const pages = Array.from({ length: 30 }, () => curl(name, `http://${publicAddress}/`));
    for (const backend of backends)
      assert.ok(
        pages.some((page) => page.includes(backend.name)),
        `${name} reaches ${backend.name}`,
      );
  }
});

test("collectd's metrics arrive in InfluxDB from every host", async () => {
  const [address] = dig("back-1", `influxdb.${domain}`, "A");
  const query = `http://${address}:8086/query?db=metrics&q=SHOW+TAG+VALUES+WITH+KEY+%3D+host`;
  const seen = () => {
    const answer = curl("back-1", query);
    return hosts.filter(({ name }) => !answer.includes(name)).map(({ name }) => name);
  };
  for (let attempt = 0; attempt < 30 && seen().length > 0; attempt += 1) await sleep(1000);
  assert.deepEqual(seen(), []);
});

test("no secret is in plain state", async () => {
  const password = (await grafanaPassword()).trim();
  assert.ok(!(await stack.succeed("stack", "export")).includes(password));
});

test("a host that restarts brings everything back without the registry and without an up", async () => {
  assert.equal(lab("kill", "registry").status, 0);
  assert.equal(lab("kill", "back-3").status, 0);
  assert.equal(lab("start", "back-3").status, 0);
  const isBack = () =>
    tryOnHost("back-3", "docker", "inspect", "--format={{.State.Running}}", "web").stdout.includes("true");
  for (let attempt = 0; attempt < 60 && !isBack(); attempt += 1) await sleep(1000);
  assert.ok(isBack(), "web runs again on back-3");
  const answers = () => dig("back-1", `back-3.web.${domain}`, "A").length === 1;
  for (let attempt = 0; attempt < 30 && !answers(); attempt += 1) await sleep(1000);
  assert.ok(answers(), "web on back-3 is announced again");
  assert.equal(lab("start", "registry").status, 0);
});

test("destroy leaves no container, directory or record on any host, and keeps named volumes", async () => {
  await keepImages();
  const output = await stack.succeed("destroy");
  assert.match(output, /influxdb-data/);
  for (const { name } of hosts) {
    assert.equal(onHost(name, "docker", "ps", "--all", "--quiet"), "", `${name} has no container`);
    const left = onHost(
      name,
      "sh",
      "-c",
      "find /etc/sv /etc/service /etc/rundock /usr/local/lib/rundock -mindepth 1 -maxdepth 1 2>/dev/null || true",
    );
    assert.ok(
      !/rundock|web|etcd|nginx|grafana|influxdb|coredns|collectd/.test(left),
      `${name} has left: ${left}`,
    );
  }
  const volumes = backends.map(({ name }) => onHost(name, "docker", "volume", "ls", "--quiet")).join("");
  assert.match(volumes, /^influxdb-data$/m);
  leaveLab(stack.name);
});
