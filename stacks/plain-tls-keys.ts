import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";

const SETTING = "rundock:tls";

/**
 * The names under `rundock:tls` whose private key the stack's file has in plain text. Of a setting Pulumi tells only whether
 * anything in it is secret; which part is, the file says, where it lies in its place.
 */
export function plainTlsKeys(certificates: unknown): string[] {
  const secrets: unknown = JSON.parse(process.env.PULUMI_CONFIG_SECRET_KEYS || "[]");
  const isSecret = Array.isArray(secrets) && secrets.includes(SETTING);
  const written = isSecret ? stackFile() : undefined;
  return isSecret ? keysInText(written && parse(written)?.config?.[SETTING]) : keysInText(certificates);
}

/** In the project's folder; where Pulumi does not tell it, the program most likely runs there. */
function stackFile(): string | undefined {
  const files = [pulumi.getRootDirectory(), "."].map((folder) =>
    join(folder, `Pulumi.${pulumi.getStack()}.yaml`),
  );
  const file = files.find(existsSync);
  return file && readFileSync(file, "utf8");
}

/** Those that are a text; a secret is `{ secure: … }`. */
export function keysInText(certificates: unknown): string[] {
  if (typeof certificates !== "object" || certificates === null) return [];
  return Object.entries(certificates)
    .filter(([, pair]) => typeof pair?.key === "string")
    .map(([name]) => name);
}
