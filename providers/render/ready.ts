import type { ReadySpec } from "../spec/service-spec.ts";
import { type TreeFile, textFile, wordFile } from "./tree.ts";

/** `key value` lines for ready.sh; the words of an exec probe are a file of their own. */
export function readyFiles(ready: ReadySpec): Record<string, TreeFile> {
  const { kind, port, path, address, status, interval, timeout, successes } = ready;
  const lines = {
    kind,
    ...(port === null ? {} : { port }),
    ...(kind === "tcp" || kind === "http" ? { address } : {}),
    ...(path === null ? {} : { path }),
    ...(kind === "http" ? { status } : {}),
    interval,
    timeout,
    successes,
  };
  const content = Object.entries(lines).map(([key, value]) => `${key} ${value}\n`);
  return {
    ready: textFile(content.join("")),
    ...(kind === "exec" ? { "ready.command": wordFile(ready.command) } : {}),
  };
}
