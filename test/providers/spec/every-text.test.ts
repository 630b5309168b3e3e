import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { renderService } from "../../../providers/render/service.ts";
import { parseService } from "../../../providers/spec/parse-service.ts";
import { SpecError } from "../../../providers/spec/spec-error.ts";
import { anyText, LONG, trickyTexts, variantsOf } from "../tricky-texts.ts";

const HOST = { name: "back-1", domain: "s.prod.example.com", privateAddress: "10.0.0.21" };
const WEB = { host: HOST, name: "web", image: "web:1" };
const config = { directory: "/conf", files: { a: "1" } };
const probe = { interval: 1 };

/** Path of each property that takes a text -> a text that is taken there, and the arguments with another one. */
const PLACES: Readonly<Record<string, readonly [good: string, args: (text: string) => object]>> = {
  "host.name": ["back-2", (name) => ({ host: { ...HOST, name } })],
  "host.domain": ["s.example.com", (domain) => ({ host: { ...HOST, domain }, announce: { port: 80 } })],
  "host.privateAddress": [
    "10.0.0.9",
    (privateAddress) => ({ host: { ...HOST, privateAddress }, ports: ["80"] }),
  ],
  name: ["site", (name) => ({ name })],
  image: ["web:2", (image) => ({ image })],
  args: ["--read-only", (word) => ({ args: [word] })],
  command: ["serve", (word) => ({ command: [word] })],
  entrypoint: ["serve", (entrypoint) => ({ entrypoint })],
  user: ["www", (user) => ({ user })],
  "env.A": ["1", (A) => ({ env: { A } })],
  env: ["A", (name) => ({ env: { [name]: "1" } })],
  "secrets.env.A": ["1", (A) => ({ secrets: { salt: "s", env: { A } } })],
  "secrets.env": ["A", (name) => ({ secrets: { salt: "s", env: { [name]: "1" } } })],
  files: ["/etc/a", (path) => ({ files: { [path]: "1" } })],
  'files["/etc/a"]': ["0644", (mode) => ({ files: { "/etc/a": { content: "1", mode } } })],
  "secrets.files": ["/etc/a", (path) => ({ secrets: { salt: "s", files: { [path]: "1" } } })],
  "config.directory": ["/etc/app", (directory) => ({ config: { ...config, directory } })],
  "config.files": ["b", (path) => ({ config: { ...config, files: { [path]: "1" } } })],
  "config.check": ["test", (word) => ({ config: { ...config, check: [word] } })],
  "config.reload.signal": ["HUP", (signal) => ({ config: { ...config, reload: { signal } } })],
  "config.reload.command": ["kill", (word) => ({ config: { ...config, reload: { command: [word] } } })],
  ports: ["80", (port) => ({ ports: [port] })],
  volumes: ["data:/data", (volume) => ({ volumes: [volume] })],
  network: ["own", (network) => ({ network })],
  dns: ["10.0.0.1", (server) => ({ dns: [server] })],
  hostname: ["web", (hostname) => ({ hostname })],
  memory: ["64m", (memory) => ({ memory })],
  "health.command": ["test -e /up", (command) => ({ health: { ...probe, command } })],
  "announce.name": ["site", (name) => ({ announce: { port: 80, name } })],
  "announce.aliases": ["www", (alias) => ({ announce: { port: 80, aliases: [alias] } })],
  "announce.domain": ["a.example.com", (domain) => ({ announce: { port: 80, domain } })],
  "announce.probe": ["/up", (http) => ({ announce: { port: 80, probe: { http } } })],
  "ready.http": ["/up", (http) => ({ ready: { http, port: 80 } })],
  "ready.address": ["10.0.0.1", (address) => ({ ready: { tcp: 80, address } })],
  "ready.status": ["200", (status) => ({ ready: { http: "/", port: 80, status } })],
  "ready.exec": ["true", (word) => ({ ready: { exec: [word] } })],
};

/** Where a text may be as long as one argument of a command. */
const LONG_ONES = ["args", "command", "entrypoint", "env.A", "config.check", "config.reload.command"];
LONG_ONES.push("health.command", "ready.exec");
/** What is written in another way than the argument. */
const CONVERTED = ["host.privateAddress", "host.domain", "ports", 'files["/etc/a"]', "config.reload.signal"];
CONVERTED.push(
  "config.check",
  "config.reload.command",
  "announce.probe",
  "announce.name",
  "announce.aliases",
  "announce.domain",
  "ready.address",
);

/** All that lies on the host. */
function render(args: object): string {
  const { tree, secretFiles } = renderService(parseService({ ...WEB, ...args }));
  return Object.entries({ ...tree, ...secretFiles })
    .map(([path, { content }]) => `${path}\n${content}`)
    .join("");
}

const linesOf = (rendered: string) => rendered.split("\n").length;

/** Whether it is taken, and then arrives as it is on one line; else it is refused with its path. */
function isTaken(place: string, text: string): boolean {
  const [good, args] = PLACES[place] as (typeof PLACES)[string];
  const what = `${place}: ${JSON.stringify(text.slice(0, 60))}`;
  const rendered = renderOrPaths(args(text));
  if (typeof rendered !== "string") {
    assert.ok(
      rendered.some((path) => path.startsWith(place)),
      `${what} is refused at ${rendered.join()}`,
    );
    return false;
  }
  assert.ok(text.isWellFormed() && !rendered.includes("\0"), what);
  assert.equal(linesOf(rendered), linesOf(render(args(good))), what);
  if (!CONVERTED.includes(place)) assert.ok(rendered.includes(text), what);
  return true;
}

function renderOrPaths(args: object): string | string[] {
  try {
    return render(args);
  } catch (error) {
    assert.ok(error instanceof SpecError, String(error));
    return error.failures.map(({ path }) => path);
  }
}

for (const [place, [good]] of Object.entries(PLACES)) {
  test(`a text as ${place} arrives as it is, or is refused with its path`, () => {
    assert.ok(isTaken(place, good));
    for (const text of trickyTexts(good)) isTaken(place, text);
    for (const text of variantsOf(good, LONG)) assert.ok(LONG_ONES.includes(place) || !isTaken(place, text));
    fc.assert(fc.property(anyText, (text) => void isTaken(place, text)));
  });
}

test("100 kB arrive where a text may be long", () => {
  for (const place of LONG_ONES) assert.ok(isTaken(place, (PLACES[place]?.[0] ?? "") + LONG), place);
});

test("the place of the live configuration is put in as it is, and what stands for it nowhere else", () => {
  const words = { config: { ...config, directory: "/$&'$`" }, command: ["serve {config}/a"] };
  assert.match(render(words), /^serve \/\$&'\$`\/\{release\}\/config\/a$/m);
  const reload = { command: ["load", "{config}/a"] };
  assert.match(render({ config: { ...config, reload } }), /^exec\nload\n\/conf\/\{release\}\/config\/a$/m);
  const given = { command: ["{release}"], env: { A: "a{release}" }, volumes: ["/{release}:/b"] };
  assert.deepEqual(renderOrPaths({ ...given, config }), ["env.A", "command[0]", "volumes[0]"]);
  assert.match(render(given), /^\{release\}$/m);
});
