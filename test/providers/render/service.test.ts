import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { renderService } from "../../../providers/render/service.ts";
import { parseService } from "../../../providers/spec/parse-service.ts";

const GOLDEN = fileURLToPath(new URL("../../golden/", import.meta.url));
const back = { name: "node-back-1", domain: "s.prod.example.com", privateAddress: "10.0.0.21" };
const front = {
  name: "node-front-1",
  domain: "s.prod.example.com",
  privateAddress: "10.0.0.11",
  publicAddress: "203.0.113.11",
};

/** The three examples of the module that Rundock comes from. */
const EXAMPLES = {
  influxdb: {
    host: back,
    name: "influxdb",
    image: "registry.s.prod.example.com:5000/influxdb:1.8",
    args: ["--volumes-from=data.influxdb"],
    ports: ["8083:8083"],
    announce: { port: 8086, publish: 8086 },
  },
  grafana: {
    host: back,
    name: "grafana",
    image: "registry.s.prod.example.com:5000/grafana:6",
    env: { INFLUXDB_HOST: "influxdb.s.prod.example.com", INFLUXDB_PORT: "8086" },
    announce: { port: 80, publish: 8087 },
    secrets: { salt: "salt", env: { ADMIN_PASSWORD: "hush" } },
  },
  nginx: {
    host: front,
    name: "nginx",
    image: "registry.s.prod.example.com:5000/nginx:1.28",
    network: "host",
    command: ["nginx", "-c", "{config}/nginx.conf"],
    config: {
      directory: "/etc/nginx/rundock",
      files: { "nginx.conf": "upstream docker_grafana {\n  keepalive 512;\n}\n" },
      check: ["nginx", "-t", "-c", "{config}/nginx.conf"],
      reload: { signal: "HUP" },
    },
  },
};

for (const [name, input] of Object.entries(EXAMPLES)) {
  test(`the example ${name} renders to its golden tree`, () => {
    const { tree } = renderService(parseService(input));
    if (process.env.UPDATE_GOLDEN) writeGolden(join(GOLDEN, name), tree);
    assert.deepEqual(tree, readGolden(join(GOLDEN, name)));
  });
}

function writeGolden(
  folder: string,
  tree: Readonly<Record<string, { content: string; mode: number }>>,
): void {
  rmSync(folder, { recursive: true, force: true });
  for (const [path, { content, mode }] of Object.entries(tree)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content, { mode });
  }
}

function readGolden(folder: string): Record<string, { content: string; mode: number }> {
  const paths = (readdirSync(folder, { recursive: true }) as string[]).sort();
  const files = paths.filter((path) => statSync(join(folder, path)).isFile());
  return Object.fromEntries(
    files.map((path) => {
      const file = join(folder, path);
      // git keeps of a mode only whether a file may be executed.
      return [
        path,
        { content: readFileSync(file, "utf8"), mode: statSync(file).mode & 0o111 ? 0o755 : 0o644 },
      ];
    }),
  );
}

const web = { host: back, name: "web", image: "web:1" };

test("every value that is taken stands as it is on one line of its own", () => {
  const value = fc
    .string({ unit: "grapheme", maxLength: 40 })
    .filter((text) => !/[\n\0]/.test(text) && text.isWellFormed());
  fc.assert(
    fc.property(value, value, (greeting, word) => {
      const { tree } = renderService(parseService({ ...web, env: { GREETING: greeting }, command: [word] }));
      const lines = tree["current/container"]?.content.split("\n") ?? [];
      assert.deepEqual(lines.slice(-4), [`--env=GREETING=${greeting}`, "web:1", word, ""]);
    }),
  );
});

test("the same input gives the same bytes, whatever the order of its keys", () => {
  const one = renderService(parseService({ ...web, env: { A: "1", B: "2" } }));
  const other = renderService(
    parseService({ env: { B: "2", A: "1" }, image: "web:1", name: "web", host: back }),
  );
  assert.deepEqual(one, other);
});

function identityOf(changes: object): string | undefined {
  return renderService(parseService({ ...web, ...changes })).tree["current/identity"]?.content;
}

test("an announcement or a live configuration makes no other container of it", () => {
  const fixed = { announce: { port: 80, publish: 8080 } };
  assert.equal(identityOf({ announce: { ...fixed.announce, name: "site", weight: 5 } }), identityOf(fixed));
  const config = (text: string) => ({ config: { directory: "/conf", files: { a: text } } });
  assert.equal(identityOf(config("1")), identityOf(config("2")));
});

test("a changed file or secret makes another container of it, and the secret is nowhere in the tree", () => {
  assert.notEqual(identityOf({ files: { "/etc/x": "1" } }), identityOf({ files: { "/etc/x": "2" } }));
  const secret = (value: string) => ({ secrets: { salt: "salt", env: { PASSWORD: value } } });
  assert.notEqual(identityOf(secret("hush-1")), identityOf(secret("hush-2")));
  const { tree, secretFiles } = renderService(parseService({ ...web, ...secret("hush-1") }));
  assert.ok(!JSON.stringify(tree).includes("hush"));
  assert.deepEqual(secretFiles, { env: { content: "PASSWORD=hush-1\n", mode: 0o600 } });
});

function announcedAs(changes: object): { key: string; aliases?: string[] } {
  const announce = { port: 80, as: "public", ...changes };
  const { tree } = renderService(parseService({ ...web, host: front, announce }));
  return JSON.parse(tree["current/announce"]?.content ?? "");
}

test("another domain's records lie apart, whatever the name: of one label, of several, or the domain itself", () => {
  const domain = "www.example.com";
  const { key, aliases } = announcedAs({ domain, aliases: ["ns.dns", "@"] });
  assert.equal(key, "/skydns-public/com/example/www/web/node-front-1/web");
  assert.deepEqual(aliases, [
    "/skydns-public/com/example/www/dns/ns/node-front-1/web",
    "/skydns-public/com/example/www/dns/apex/node-front-1/web",
  ]);
});

test("an alias under the host's own domain lies beside the name", () => {
  const { key, aliases } = announcedAs({ aliases: ["site"] });
  assert.equal(key, "/skydns/com/example/prod/s/web/node-front-1/web");
  assert.deepEqual(aliases, ["/skydns/com/example/prod/s/site/node-front-1/web"]);
});

test("a changed secret of the live configuration changes the release and not the container, and is nowhere in the tree", () => {
  const withKey = (key: string) =>
    renderService(
      parseService({
        ...web,
        config: { directory: "/conf", files: { a: "1" } },
        secretConfig: { salt: "salt", files: { "tls/key": key } },
      }),
    );
  const [one, other] = [withKey("hush-1"), withKey("hush-2")];
  assert.equal(one.tree["current/identity"]?.content, other.tree["current/identity"]?.content);
  assert.notEqual(one.release, other.release);
  assert.ok(!JSON.stringify(one.tree).includes("hush"));
  assert.deepEqual(one.secretConfigFiles, { "config/tls/key": { content: "hush-1", mode: 0o600 } });
  assert.deepEqual(one.secretFiles, {});
});
