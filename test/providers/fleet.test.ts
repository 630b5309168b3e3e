import assert from "node:assert/strict";
import { before, test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import type * as rundock from "../../providers/rundock.ts";

interface Inputs {
  readonly name: string;
  readonly host: { readonly name: string };
  readonly image: string;
  readonly env: Readonly<Record<string, string>>;
  readonly rollout: unknown;
}

const declared = new Map<string, Inputs>();
let library: typeof rundock;
let hosts: rundock.Host[];

before(async () => {
  await pulumi.runtime.setMocks({
    newResource: ({ name, type, inputs, id }) => {
      if (type.endsWith(":Service")) declared.set(name, inputs);
      return { id: id ?? name, state: { ...inputs, host: inputs.host?.name } };
    },
    call: () => ({}),
  });
  library = await import("../../providers/rundock.ts");
  hosts = ["back-1", "back-2", "back-3"].map(
    (name, index) =>
      new library.Host(name, {
        address: `10.0.0.2${index + 1}`,
        hostKey: "ssh-ed25519 AAAA",
        privateAddress: `10.0.0.2${index + 1}`,
      }),
  );
});

/** The inputs of the members as they were registered, by the names of their resources. */
async function membersOf(fleet: rundock.Fleet): Promise<Record<string, Inputs>> {
  const urns = await Promise.all(
    fleet.services.map(({ urn }) => new Promise<string>((resolve) => urn.apply(resolve))),
  );
  const names = urns.map((urn) => urn.split("::").at(-1) as string);
  return Object.fromEntries(names.map((name) => [name, declared.get(name) as Inputs]));
}

test("a fleet has one service for each host, with the fleet's name on it", async () => {
  const fleet = new library.Fleet("site", { hosts, image: "web:1", env: { A: "1" } });
  const members = await membersOf(fleet);
  assert.deepEqual(Object.keys(members), ["site-back-1", "site-back-2", "site-back-3"]);
  for (const { name, image, env, rollout } of Object.values(members)) {
    assert.deepEqual({ name, image, env }, { name: "site", image: "web:1", env: { A: "1" } });
    assert.deepEqual(rollout, { fleet: "site", size: 3 });
  }
  const placed = Object.values(members).map(({ host }) => host.name);
  assert.deepEqual(placed, ["back-1", "back-2", "back-3"]);
});

test("a fleet's name on the hosts, its rollout and what differs on one host may be told", async () => {
  const fleet = new library.Fleet("api", {
    hosts,
    name: "web",
    image: "web:1",
    env: { A: "1" },
    perHost: ({ facts }) => (facts.name === "back-2" ? { env: { B: facts.privateAddress } } : {}),
    rollout: { maxParallel: "50%", canary: 2, pause: 5, onFailure: "halt" },
  });
  const members = await membersOf(fleet);
  assert.deepEqual(
    Object.values(members).map(({ name, env }) => [name, env]),
    [
      ["web", { A: "1" }],
      ["web", { B: "10.0.0.22" }],
      ["web", { A: "1" }],
    ],
  );
  const policy = { maxParallel: "50%", canary: 2, pause: 5, onFailure: "halt" };
  assert.deepEqual(members["api-back-3"]?.rollout, { ...policy, fleet: "api", size: 3 });
});

test("a member is found by its host, and a host that is none is told", async () => {
  const fleet = new library.Fleet("found", { hosts, image: "web:1" });
  assert.equal(fleet.on("back-2"), fleet.services[1]);
  assert.throws(() => fleet.on("back-9"), /no host back-9; its hosts are back-1, back-2, back-3/);
});
