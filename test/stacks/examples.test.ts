import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { parse } from "yaml";
import { parseConfiguration } from "../../stacks/parse-configuration.ts";

const FOLDER = new URL("../../docs/examples/", import.meta.url);
const DECLARED = parse(readFileSync(new URL("../../Pulumi.yaml", import.meta.url), "utf8")).config;
const READ_BY_THE_PROVIDER = ["sshKeyFile", "knownHosts"];

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

test("what Pulumi.yaml declares is nothing until it is set", () => {
  const defaults = Object.entries(DECLARED as Record<string, { default: unknown }>);
  const given = defaults.filter(([key]) => !READ_BY_THE_PROVIDER.includes(key));
  const unset = Object.fromEntries(given.map(([key, { default: value }]) => [key, value]));
  assert.throws(
    () => parseConfiguration({ ...unset, hasGrafanaPassword: true }),
    /^SpecError: domain: is missing\nhosts: is missing/,
  );
});
