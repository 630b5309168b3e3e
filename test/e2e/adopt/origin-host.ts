import { readFileSync } from "node:fs";
import { onHost } from "../lab-environment.ts";

const SCRIPT = readFileSync(new URL("origin-host.sh", import.meta.url), "utf8");

/** A service as the Ansible module of 2014 left it; {@link file://./origin-host.sh} tells of the words. */
export function leaveOldService(host: string, ...words: string[]): void {
  onHost(host, "sh", "-euc", SCRIPT, "sh", ...words);
}

/** Those that nobody took over. Their containers take no TERM, for which the old supervisors would wait. */
export function removeOldServices(host: string, ...containers: string[]): void {
  const script =
    'rm -f /etc/service/docker-*; sv exit /etc/sv/docker-* || true; docker rm -f "$@"; until rm -rf /etc/sv/docker-*; do sleep 0.2; done';
  onHost(host, "sh", "-euc", script, "sh", ...containers);
}
