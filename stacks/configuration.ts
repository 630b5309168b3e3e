import * as pulumi from "@pulumi/pulumi";
import { SpecError } from "../providers/spec/spec-error.ts";
import { parseConfiguration } from "./parse-configuration.ts";

const SETTINGS = ["domain", "hosts", "deploy", "images"] as const;

/** What a stack's file sets under `rundock:`, with every default filled in. */
export type Configuration = ReturnType<typeof parseConfiguration> & {
  readonly grafanaAdminPassword: pulumi.Output<string> | undefined;
};

/** @throws RunError that lists everything that is wrong, with its path. */
export function readConfiguration(): Configuration {
  const config = new pulumi.Config("rundock");
  const given = Object.fromEntries(
    SETTINGS.map((key) => [key, key === "domain" ? config.get(key) : config.getObject(key)]),
  );
  try {
    const grafanaAdminPassword = config.getSecret("grafanaAdminPassword");
    return {
      ...parseConfiguration({ ...given, hasGrafanaPassword: grafanaAdminPassword !== undefined }),
      grafanaAdminPassword,
    };
  } catch (error) {
    if (!(error instanceof SpecError)) throw error;
    const lines = error.message.split("\n").map((line) => `  rundock:${line}`);
    throw new pulumi.RunError(`the stack's configuration is not good:\n${lines.join("\n")}`);
  }
}
