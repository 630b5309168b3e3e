import assert from "node:assert/strict";
import { test } from "node:test";
import { parse } from "yaml";
import { parseConfiguration } from "../../stacks/parse-configuration.ts";
import { makeCertificate } from "../certificate.ts";
import { blocksOf, pages, readPage } from "./pages.ts";

const READ_BY_THE_PROVIDER = ["sshKeyFile", "knownHosts"];
const { config: whole } = parse(readPage("docs/examples/Pulumi.prod.yaml").text);

/** What a person sets with `pulumi config set --secret`. */
const tls = { example: makeCertificate(["example.com"]) };

for (const { place, text, file } of pages.flatMap(blocksOf).filter(({ language }) => language === "yaml")) {
  if (file !== "") continue; // A guide writes it, and Pulumi reads it.
  test(`${place} is a good configuration`, () => {
    const { config } = parse(text) as { config: Record<string, unknown> };
    assert.ok(parseConfiguration({ ...settingsOf(completed(config)), tls, hasGrafanaPassword: true }));
  });
}

/** A fragment shows some settings of a stack whose others are those of an example. */
function completed(config: Record<string, unknown>): Record<string, unknown> {
  const isTier = "rundock:from" in config;
  return isTier ? config : { ...whole, ...config };
}

function settingsOf(config: Record<string, unknown>): Record<string, unknown> {
  const settings = Object.entries(config).map(
    ([key, value]) => [key.replace("rundock:", ""), value] as const,
  );
  return Object.fromEntries(settings.filter(([key]) => !READ_BY_THE_PROVIDER.includes(key)));
}
