import { onHost } from "../e2e/lab-environment.ts";

/** Prints `name kilobytes` of proportional set size for each process that is not a container's or its shim's. */
const PSS = `for status in /proc/[0-9]*/smaps_rollup; do
  pss=$(awk '/^Pss:/ { print $2 }' "$status" 2>/dev/null) || continue
  name=$(cat "\${status%smaps_rollup}comm" 2>/dev/null) || continue
  echo "$name \${pss:-0}"
done`;

const SUPERVISORS = ["runsv", "nc", "runsvdir", "announcer.sh"];

/** What supervises `count` services on the host, in megabytes of PSS for each. */
export function supervisionMemory(host: string, count: number): string {
  const lines = onHost(host, "sh", "-c", PSS).trim().split("\n");
  const sizes = lines.map((line) => line.split(" ")).filter(([name = ""]) => SUPERVISORS.includes(name));
  const total = sizes.reduce((sum, [, size]) => sum + Number(size), 0);
  return `${(total / 1024 / count).toFixed(2)} MB PSS a service (${sizes.length} processes for ${count} services)`;
}
