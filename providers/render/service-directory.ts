import type { ServiceSpec } from "../spec/service-spec.ts";
import { type TreeFile, textFile } from "./tree.ts";

const SCRIPTS = { run: "run", finish: "finish", check: "check", "control/t": "control-t" };

/** The files beside the releases: what runit calls, and what those scripts read. */
export function serviceDirectory({ name, update, maintenance }: ServiceSpec): Record<string, TreeFile> {
  const scripts = Object.entries(SCRIPTS).map(([path, script]) => [
    path,
    textFile(`#!/bin/sh\nexec /usr/local/lib/rundock/${script}.sh "$@"\n`, 0o755),
  ]);
  return {
    ...Object.fromEntries(scripts),
    "wait-request": textFile(`POST /containers/${name}/wait?condition=not-running HTTP/1.0\r\n\r\n`),
    "stop-timeout": textFile(`${update.stopTimeout}\n`),
    drain: textFile(`${update.drain}\n`),
    order: textFile(`${update.order}\n`),
    ...(maintenance ? { maintenance: textFile("declared\n") } : {}),
  };
}
