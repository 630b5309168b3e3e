import assert from "node:assert/strict";
import { test } from "node:test";
import { etcdTransport } from "rundock/provider";

test("a cluster keeps how its members talk, and a new one may choose", async () => {
  for (const olds of [{}, { transport: "tls" }] as const)
    assert.deepEqual(await etcdTransport.check(olds, { transport: "tls" }), { inputs: { transport: "tls" } });
  for (const [from, to] of [
    ["plain", "tls"],
    ["tls", "plain"],
  ] as const) {
    const { failures = [] } = await etcdTransport.check({ transport: from }, { transport: to });
    assert.match(
      failures[0]?.reason ?? "",
      new RegExp(`^a cluster that runs cannot turn from ${from} to ${to}\n`),
    );
  }
});
