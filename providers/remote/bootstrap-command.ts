import { readFileSync } from "node:fs";
import type { BootstrapArgs } from "../spec/bootstrap.ts";
import { quoteWords } from "./quote.ts";
import { SUDO } from "./sudo.ts";

/** A command as @pulumi/command runs it. */
export interface BootstrapCommand {
  /** For the login shell. */
  readonly create: string;
  readonly stdin: string;
}

/**
 * The script goes on stdin: an error repeats the command and not the script, and a preview shows which lines of it have
 * changed. Data are words.
 */
export function bootstrapCommand(user: string, { insecureRegistries = [] }: BootstrapArgs): BootstrapCommand {
  const settings = insecureRegistries.map((registry) => `insecure-registry=${registry}`);
  const asRoot = user === "root" ? [] : SUDO;
  return {
    create: quoteWords([...asRoot, "sh", "-s", "--", ...settings]),
    stdin: readFileSync(SCRIPT, "utf8"),
  };
}

const SCRIPT = new URL("../on-host/bootstrap.sh", import.meta.url);
