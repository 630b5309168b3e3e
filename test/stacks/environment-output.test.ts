import assert from "node:assert/strict";
import { test } from "node:test";
import type { Environment } from "../../stacks/environment.ts";
import { environmentOutput, readEnvironmentOutput } from "../../stacks/environment-output.ts";

const environment: Environment = {
  domain: "s.prod.example.com",
  publicDomain: "www.example.com",
  machines: [
    {
      host: {
        facts: { name: "back-1", privateAddress: "10.0.0.21", domain: "s.prod.example.com" },
        connection: { address: "10.0.0.21", port: 22, user: "root", hostKey: "ssh-ed25519 AAAA" },
      },
      roles: ["backend"],
    },
  ],
  deployed: ["discovery"],
};

test("what one stack puts out is what the next one reads", () => {
  const output = JSON.parse(JSON.stringify(environmentOutput(environment, ["web"])));
  const { form: _, ...read } = output;
  assert.deepEqual(read, { ...environment, deployed: ["discovery", "web"] });
  assert.deepEqual(readEnvironmentOutput(output), output);
});

test("what another version put out is not taken for this one's", () => {
  const output = environmentOutput(environment, []);
  assert.equal(readEnvironmentOutput({ ...output, form: 2 }), undefined);
  assert.equal(readEnvironmentOutput({ ...output, machines: [{ host: {} }] }), undefined);
  assert.equal(readEnvironmentOutput(undefined), undefined);
});
