import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { parse } from "yaml";
import { COMPOSITIONS } from "../../stacks/composition-names.ts";
import { READ_ELSEWHERE } from "../../stacks/configuration.ts";
import {
  configurationSchema,
  discoverySchema,
  hostSchema,
  imagesSchema,
  parseConfiguration,
} from "../../stacks/parse-configuration.ts";
import { siteSchema } from "../../stacks/site.ts";

const FOLDER = new URL("../../docs/examples/", import.meta.url);
const DECLARED = parse(readFileSync(new URL("../../Pulumi.yaml", import.meta.url), "utf8")).config;
const READ_BY_THE_PROVIDER = ["sshKeyFile", "knownHosts"];
/** What the program finds out by itself, and what the tests' labs write for the tests. */
const NOT_FOR_USERS = ["hasGrafanaPassword", "plainTlsKeys", "registry"];
const FRONTENDS_PAGE = readFileSync(new URL("../../docs/frontends.md", import.meta.url), "utf8");
const ENVIRONMENT_PAGE = readFileSync(new URL("../../docs/environment.md", import.meta.url), "utf8");

for (const name of readdirSync(FOLDER)) {
  const { config } = parse(readFileSync(new URL(name, FOLDER), "utf8")) as {
    config: Record<string, unknown>;
  };
  const settings = Object.entries(config).map(
    ([key, value]) => [key.replace("rundock:", ""), value] as const,
  );

  test(`${name} is a good configuration`, () => {
    const given = settings.filter(([key]) => !READ_BY_THE_PROVIDER.includes(key));
    assert.ok(parseConfiguration({ ...Object.fromEntries(given), hasGrafanaPassword: true }));
  });

  test(`Pulumi.yaml declares what ${name} sets`, () => {
    for (const [key] of settings) assert.ok(DECLARED[key]?.description, key);
  });
}

test("Pulumi.yaml describes every key that it declares", () => {
  for (const [key, { type, description, default: value }] of Object.entries<Record<string, unknown>>(
    DECLARED,
  )) {
    assert.match(String(type), /^(string|array|object)$/, key);
    assert.ok(typeof description === "string" && description.length > 20, key);
    assert.notEqual(value, undefined, `${key}: every stack would be asked for it`);
  }
});

test("what the program reads is what Pulumi.yaml declares; the environment's page has all of it", () => {
  const known = [...Object.keys(configurationSchema.shape), ...READ_ELSEWHERE];
  const read = [...new Set(known)].filter((key) => !NOT_FOR_USERS.includes(key)).sort();
  assert.deepEqual(Object.keys(DECLARED).sort(), read);
  const [settings, hosts] = ENVIRONMENT_PAGE.split("\n\nA host:");
  assert.deepEqual(firstColumn(settings).sort(), read);
  assert.deepEqual(firstColumn(hosts?.split("\n\n```")[0]).sort(), Object.keys(hostSchema.shape).sort());
});

function firstColumn(table = ""): string[] {
  const cells = [...table.matchAll(/^\| (`\w+`(?:, `\w+`)*) \|/gm)].flatMap(([, cell = ""]) =>
    cell.split(", "),
  );
  return cells.map((cell) => cell.replaceAll("`", ""));
}

test("a description names what is inside of a setting, and so does the page that it sends to", () => {
  const inside = { hosts: hostSchema, images: imagesSchema, discovery: discoverySchema };
  const words = Object.entries(inside).map(([key, { shape }]) => [key, Object.keys(shape)] as const);
  for (const [key, names] of [...words, ["deploy", COMPOSITIONS] as const])
    assert.deepEqual(missingFrom(DECLARED[key].description, names), [], key);
  assert.match(DECLARED.sites.description, /docs\/frontends\.md/);
  assert.deepEqual(missingFrom(FRONTENDS_PAGE, Object.keys(siteSchema.shape)), []);
});

function missingFrom(text: string, words: readonly string[]): string[] {
  return words.filter((word) => !new RegExp(`\\b${word}\\b`).test(text));
}

test("a single machine, staging, production and a tier of it have example files", () => {
  assert.deepEqual(readdirSync(FOLDER).sort(), [
    "Pulumi.prod-web.yaml",
    "Pulumi.prod.yaml",
    "Pulumi.single.yaml",
    "Pulumi.staging.yaml",
  ]);
});

test("what Pulumi.yaml declares is nothing until it is set", () => {
  const defaults = Object.entries(DECLARED as Record<string, { default: unknown }>);
  const given = defaults.filter(([key]) => key in configurationSchema.shape);
  const unset = Object.fromEntries(given.map(([key, { default: value }]) => [key, value]));
  assert.throws(
    () => parseConfiguration({ ...unset, hasGrafanaPassword: true }),
    /^SpecError: domain: is missing\nhosts: is missing/,
  );
});
