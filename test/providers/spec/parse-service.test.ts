import assert from "node:assert/strict";
import { test } from "node:test";
import { parseService } from "../../../providers/spec/parse-service.ts";
import { SpecError } from "../../../providers/spec/spec-error.ts";
import { UNKNOWN } from "../../../providers/spec/unknown.ts";

const HOST = { name: "back-1", domain: "s.prod.example.com", privateAddress: "10.0.0.21" };
const WEB = { host: HOST, name: "web", image: "web:1" };

/** The paths that are refused, with the input's other properties being good. */
function refusedPaths(changes: object): string[] {
  try {
    parseService({ ...WEB, ...changes });
  } catch (error) {
    assert.ok(error instanceof SpecError, String(error));
    return error.failures.map(({ path }) => path).sort();
  }
  return [];
}

const REFUSED: readonly [what: string, changes: object, paths: readonly string[]][] = [
  ["a property that there is not", { imgae: "web:2" }, ["imgae"]],
  ["a name that Docker does not take", { name: "-web" }, ["name"]],
  ["a default hostname longer than Linux takes", { name: "x".repeat(63) }, ["hostname"]],
  ["the announcer's name", { name: "rundock-announcer" }, ["name"]],
  ["an image with a blank", { image: "web 1" }, ["image"]],
  ["an environment value of two lines", { env: { GREETING: "two\nlines" } }, ["env.GREETING"]],
  ["an environment value with NUL", { env: { GREETING: "a\0b" } }, ["env.GREETING"]],
  ["an environment name with =", { env: { "A=B": "1" } }, ['env["A=B"]']],
  ["a word longer than the kernel takes", { command: ["x".repeat(130_000)] }, ["command[0]"]],
  ["a flag that Rundock owns", { args: ["--read-only", "--name=x"] }, ["args[1]"]],
  ["a flag that has a property", { args: ["-e", "A=1"] }, ["args[0]"]],
  ["a short flag with its value", { args: ["-p8080:80"] }, ["args[0]"]],
  ["a label of Rundock's", { args: ["--label=rundock.service=x"] }, ["args[0]"]],
  ["a relative file", { files: { "etc/x": "1" } }, ['files["etc/x"]']],
  ["a file that climbs out", { files: { "/etc/../x": "1" } }, ['files["/etc/../x"]']],
  ["a file that is another's folder", { files: { "/etc/x": "1", "/etc/x/y": "2" } }, ['files["/etc/x"]']],
  ["a mode that is none", { files: { "/etc/x": { content: "1", mode: "rw" } } }, ['files["/etc/x"].mode']],
  ["a port out of range", { ports: ["80", "70000"] }, ["ports[1]"]],
  ["a public port on a host without a public address", { ports: ["public:80:80"] }, ["ports[0]"]],
  ["ports with the host's network", { network: "host", ports: ["80"] }, ["ports"]],
  ["an announced port out of range", { announce: { port: 0 } }, ["announce.port"]],
  [
    "a public announcement without a public address",
    { announce: { port: 80, as: "public" } },
    ["announce.as", "ready.address"],
  ],
  ["a volume without a target", { volumes: ["data"] }, ["volumes[0]"]],
  ["two kinds of ready", { ready: { tcp: 80, running: true } }, ["ready"]],
  ["an HTTP gate without a port", { ready: { http: "/" } }, ["ready.port"]],
  ["two containers on one port", { ports: ["80:80"], update: { order: "start-first" } }, ["update.order"]],
  ["a name that a hand-over uses", { name: "web.next" }, ["name"]],
  [
    "no host at once, a share of none, half a canary and a pause backwards",
    { rollout: { fleet: "web", size: 3, maxParallel: 0, canary: 0.5, pause: -1, onFailure: "go on" } },
    ["rollout.canary", "rollout.maxParallel", "rollout.onFailure", "rollout.pause"],
  ],
  [
    "a rollout's property that there is not",
    { rollout: { fleet: "web", size: 3, batch: 2 } },
    ["rollout.batch"],
  ],
  ["a value both plain and secret", { env: { A: "1" }, secrets: { salt: "s", env: { A: "2" } } }, ["env.A"]],
  [
    "everything at once",
    { env: { A: "1\n" }, announce: { port: 1.5 }, memory: "much", nonsense: 1 },
    ["announce.port", "env.A", "memory", "nonsense"],
  ],
];

for (const [what, changes, paths] of REFUSED) {
  test(`refuses ${what}, and says where`, () => assert.deepEqual(refusedPaths(changes), paths));
}

for (const maxParallel of ["0%", "101%", "50", "3.5%", "%", 1.5, -1]) {
  test(`refuses ${maxParallel} hosts at once, and says where`, () => {
    assert.deepEqual(refusedPaths({ rollout: { fleet: "web", size: 3, maxParallel } }), [
      "rollout.maxParallel",
    ]);
  });
}

test("a secret's value is in no message", () => {
  const secrets = { salt: "s", env: { PASSWORD: "hush\nhush" } };
  assert.throws(
    () => parseService({ ...WEB, secrets }),
    (error: Error) => !error.message.includes("hush"),
  );
});

test("announcing publishes the port at the private address, a free one unless told otherwise", () => {
  const ports = (announce: object) => parseService({ ...WEB, announce }).ports;
  const published = { address: "10.0.0.21", containerPort: 80, protocol: "tcp" };
  assert.deepEqual(ports({ port: 80 }), [{ ...published, hostPort: null }]);
  assert.deepEqual(ports({ port: 80, publish: 8087 }), [{ ...published, hostPort: 8087 }]);
  assert.deepEqual(ports({ port: 80, as: "container" }), []);
});

test("no name is announced twice, and none without a domain", () => {
  const announce = { port: 80, name: "site", aliases: ["www", "site", "www", "UP"] };
  assert.deepEqual(refusedPaths({ announce }), ["announce.aliases[3]"]);
  assert.deepEqual(refusedPaths({ announce: { ...announce, aliases: ["www", "site", "www"] } }), [
    "announce.aliases[1]",
    "announce.aliases[2]",
  ]);
  const { domain: _, ...homeless } = WEB.host;
  assert.deepEqual(refusedPaths({ host: homeless, announce: { port: 80 } }), ["announce"]);
  assert.deepEqual(refusedPaths({ host: homeless, announce: { port: 80, domain: "example.com" } }), []);
});

test("what is not known yet passes everywhere", () => {
  const changes = {
    image: UNKNOWN,
    env: { A: UNKNOWN, B: `x${UNKNOWN}` },
    args: UNKNOWN,
    files: UNKNOWN,
    announce: { port: UNKNOWN },
    memory: UNKNOWN,
    enabled: UNKNOWN,
    rollout: { fleet: "web", size: 3, maxParallel: UNKNOWN, canary: UNKNOWN, pause: UNKNOWN },
  };
  assert.deepEqual(refusedPaths(changes), []);
});

const ORDERS: readonly [what: string, changes: object, order: string][] = [
  ["a free port", { announce: { port: 80 } }, "start-first"],
  ["a fixed port", { announce: { port: 80, publish: 80 } }, "stop-first"],
  ["a volume that is only read", { volumes: ["data:/data:ro"] }, "start-first"],
  ["a volume that is written", { volumes: ["data:/data"] }, "stop-first"],
  ["another container's volumes", { args: ["--volumes-from=data"] }, "stop-first"],
  ["the host's network", { network: "host" }, "stop-first"],
  [
    "the host's network and an explicit order",
    { network: "host", update: { order: "start-first" } },
    "start-first",
  ],
];

for (const [what, changes, order] of ORDERS) {
  test(`updates with ${what} are ${order}`, () => {
    assert.equal(parseService({ ...WEB, ...changes }).update.order, order);
  });
}

test("a rollout is one canary and then one host at a time, unless told otherwise", () => {
  const { rollout } = parseService({ ...WEB, rollout: { fleet: "web", size: 30 } });
  assert.deepEqual(rollout, { fleet: "web", maxParallel: 1, canary: 1, pause: 0 });
  assert.equal(parseService(WEB).rollout, null);
});
