import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import * as pulumi from "@pulumi/pulumi";
import * as door from "rundock";
import ts from "typescript";
import { FakeRegistry } from "../providers/remote/fake-registry.ts";
import { providerOf, withoutMarks } from "../providers/stored-state/resources.ts";
import { blocksOf, pages } from "./pages.ts";

const HOST_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGm2SBawOdPAB+Qk6ZnC+vMz/OUi+8r79gypWqjEZx/k";
const ARCHIVE = fileURLToPath(new URL("../providers/stored-state/web.tar.gz", import.meta.url));
const DIGEST = `sha256:${"1f".repeat(32)}`;
/** Their providers make what they give, and need no machine for it. */
const MADE_HERE = ["CertificateAuthority", "Certificate", "RandomPassword"];

const registry = new FakeRegistry();

before(async () => {
  await registry.start();
  registry.answer = (_, response) => response.writeHead(200, { "Docker-Content-Digest": DIGEST }).end();
  const secrets = { password: "hunter2", registryPassword: "hunter2", hubToken: "hunter2" };
  const settings = Object.entries({ ...secrets, version: "1", machine: "front-1" });
  pulumi.runtime.setAllConfig({
    "rundock:sshKey": "-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----\n",
    ...Object.fromEntries(settings.map(([key, value]) => [`project:${key}`, value])),
  });
});

after(() => registry.stop());

for (const { place, text } of pages.flatMap(blocksOf).filter(({ language }) => language === "ts")) {
  test(`${place} runs, and the providers take what it declares`, async () => {
    const { declared, faults } = await runProgram(text);
    assert.deepEqual(faults, []);
    assert.notDeepEqual(declared, []);
  });
}

interface Run {
  /** Names of resources. */
  readonly declared: string[];
  /** What their providers refuse. */
  readonly faults: string[];
}

/** Runs it as a preview does, with the checks of the providers, and without an engine. */
async function runProgram(text: string): Promise<Run> {
  const run: Run = { declared: [], faults: [] };
  pulumi.runtime.setMocks({ newResource: (resource) => newResource(resource, run), call: () => ({}) });
  await pulumi.runtime.runInPulumiStack(async () => {
    const { config, hosts, ...others } = context();
    await Promise.all(Object.values(hosts).map(({ urn }) => new Promise((resolve) => urn.apply(resolve))));
    run.declared.splice(0);
    const named = { pulumi, ...door, config, ...hosts, ...others };
    new Function(...Object.keys(named), `"use strict"; {${scriptOf(text)}\n}`)(...Object.values(named));
  });
  await pulumi.runtime.disconnect();
  return run;
}

async function newResource({ type, name, inputs }: pulumi.runtime.MockResourceArgs, run: Run) {
  run.declared.push(name);
  if (inputs.__provider === undefined) return { id: name, state: inputs };
  const provider = providerOf(inputs);
  const { inputs: checked, failures = [] } = await provider.check({}, withoutMarks(inputs));
  run.faults.push(...failures.map(({ property, reason }) => `${name}: ${property}: ${reason}`));
  const isMadeHere = MADE_HERE.includes(type.split(":").at(-1) ?? "") && failures.length === 0;
  const { outs } = isMadeHere ? await provider.create(checked) : { outs: {} };
  return { id: name, state: { ...inputs, ...checked, ...outs } };
}

/** What fragments may name without declaring it; types.test.ts tells the compiler of the same. */
function context() {
  const hostOf = (name: string, number: number) => {
    const address = `10.0.0.${number}`;
    const discovery = { domain: "s.prod.example.com", etcd: ["http://10.0.0.11:2379"] };
    return new door.Host(name, { address, hostKey: HOST_KEY, privateAddress: address, ...discovery });
  };
  return {
    config: new pulumi.Config("project"),
    hosts: {
      machine: hostOf("box", 20),
      back1: hostOf("back-1", 21),
      back2: hostOf("back-2", 22),
      back3: hostOf("back-3", 23),
    },
    hostKey: HOST_KEY,
    frontKey: HOST_KEY,
    image: "web:1",
    zoneOf: () => "a",
  };
}

/** What it imports is handed to it; the registry and the archive are those of the test. */
function scriptOf(text: string): string {
  const own = text
    .replace(/^import .*$/gm, "")
    .replaceAll("ssh-ed25519 AAAAC3Nz…", HOST_KEY)
    .replaceAll("registry.example.com/", `${registry.host}/`)
    .replaceAll("./web.tar", ARCHIVE);
  const { outputText } = ts.transpileModule(own, { compilerOptions: { target: ts.ScriptTarget.ES2024 } });
  return outputText;
}
