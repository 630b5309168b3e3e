import assert from "node:assert/strict";
import { test } from "node:test";
import { SpecError } from "../../providers/spec/spec-error.ts";
import { COMPOSITIONS, parseConfiguration } from "../../stacks/parse-configuration.ts";

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
  assert.deepEqual(refusedPaths({ hosts: [front, front] }), ["hosts[1].name"]);
  assert.deepEqual(refusedPaths({ hosts: [homeless] }), ["hosts[0].publicAddress"]);
  assert.deepEqual(refusedPaths({ hosts: [{ ...back, jump: "front-9" }] }), ["hosts[0].jump"]);
  assert.deepEqual(refusedPaths({ deploy: ["discovrey"], domain: "prod" }), ["deploy[0]", "domain"]);
  assert.deepEqual(refusedPaths({ images: {}, hasGrafanaPassword: false }), [
    "grafanaAdminPassword",
    "images.collectd",
  ]);
});
