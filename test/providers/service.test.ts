import assert from "node:assert/strict";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { Host, RundockService, type RundockServiceArgs } from "rundock";

/** What the constructor of a service sends for these arguments. */
async function sentFor(args: object): Promise<Record<string, unknown>> {
  let sent: Record<string, unknown> = {};
  const newResource = ({ name, inputs }: pulumi.runtime.MockResourceArgs) => {
    if (name === "web") sent = inputs;
    return { id: name, state: inputs };
  };
  pulumi.runtime.setMocks({ newResource, call: () => ({}) });
  await pulumi.runtime.runInPulumiStack(async () => {
    const host = new Host("back-1", { address: "10.0.0.21", privateAddress: "10.0.0.21" });
    const given = { host, image: "web:1", ...args } as RundockServiceArgs;
    const { urn } = new RundockService("web", given);
    await new Promise((resolve) => urn.apply(resolve));
  });
  return sent;
}

test("an entry whose name no copy keeps is told of, since it does not arrive", async () => {
  const map = JSON.parse('{ "__proto__": "1", "A": "2" }');
  const config = { directory: "/etc/app", files: map };
  const { env, lostEntries } = await sentFor({ env: map, files: map, config });
  assert.deepEqual(env, { A: "2" });
  assert.deepEqual(lostEntries, ["env.__proto__", "files.__proto__", "config.files.__proto__"]);
  assert.ok(!("lostEntries" in (await sentFor({ env: { A: "2" } }))));
});
