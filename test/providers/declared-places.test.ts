import assert from "node:assert/strict";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { Host, RundockService } from "rundock";

/** Resource -> the one that it finds at its place, of those that do. */
async function twicesIn(program: (host: Host) => pulumi.Resource[]): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  const newResource = ({ name, inputs }: pulumi.runtime.MockResourceArgs) => {
    if (inputs.declaredTwice !== undefined) found[name] = inputs.declaredTwice;
    return { id: name, state: inputs };
  };
  pulumi.runtime.setMocks({ newResource, call: () => ({}) });
  await pulumi.runtime.runInPulumiStack(async () => {
    const host = new Host("back-1", { address: "10.0.0.21", privateAddress: "10.0.0.21" });
    await Promise.all(program(host).map(({ urn }) => new Promise((resolve) => urn.apply(resolve))));
  });
  return found;
}

const image = "web:1";

test("of two services with one name on one host, the second knows the first, by its name in the program", async () => {
  const found = await twicesIn((host) => {
    const elsewhere = { facts: { ...host.facts, name: "back-2" }, connection: host.connection };
    return [
      new RundockService("web", { host, image }),
      new RundockService("site", { host, image }),
      new RundockService("twin", { host, image, name: "web" }),
      new RundockService("other", { host: elsewhere, image, name: "web" }),
    ];
  });
  assert.deepEqual(found, { twin: "web" });
});

test("a program that runs again in the same process meets nothing of its first run", async () => {
  const program = (host: Host) => [new RundockService("web", { host, image })];
  assert.deepEqual([await twicesIn(program), await twicesIn(program)], [{}, {}]);
});
