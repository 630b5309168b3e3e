import type { ServiceSpec } from "../spec/service-spec.ts";
import { type Tree, type TreeFile, textFile } from "./tree.ts";

const SCRIPTS = { run: "run", finish: "finish", check: "check", "control/t": "control-t" };

/** The files beside the releases: what runit calls, and what those scripts read. */
export function serviceDirectory({ name, update, maintenance }: ServiceSpec): Record<string, TreeFile> {
  return {
    ...runitFiles(name),
    "stop-timeout": textFile(`${update.stopTimeout}\n`),
    drain: textFile(`${update.drain}\n`),
    order: textFile(`${update.order}\n`),
    ...(maintenance ? { maintenance: textFile("declared\n") } : {}),
  };
}

/**
 * What is the same for every service. A state without them means these texts (stored-service.ts): they may only change
 * together with a property that tells of which version they are.
 */
export function runitFiles(name: string): Tree {
  const scripts = Object.entries(SCRIPTS).map(([path, script]) => [
    path,
    textFile(`#!/bin/sh\nexec /usr/local/lib/rundock/${script}.sh "$@"\n`, 0o755),
  ]);
  return {
    ...Object.fromEntries(scripts),
    "wait-request": textFile(`POST /containers/${name}/wait?condition=not-running HTTP/1.0\r\n\r\n`),
  };
}
