import { setTimeout as sleep } from "node:timers/promises";
import { eventually } from "../e2e/eventually.ts";
import { onHost } from "../e2e/lab-environment.ts";
import { etcdService, labImage, type Services, ServicesStack } from "../e2e/services-stack.ts";

const HOST = "back-2";
const SECONDS = Number(process.env.SECONDS ?? 60);
/** Clock ticks a second in /proc/PID/stat. */
const CLOCK_TICKS = 100;

/** user, system, and both of the children that ended; the last process id tells how many there were. */
const USAGE = `pid=$(cat /etc/service/rundock-announcer/supervise/pid)
read -r uptime _ </proc/uptime
set -- $(sed 's/.*) //' "/proc/$pid/stat")
echo "$uptime $((\${12} + \${13} + \${14} + \${15})) $$"`;

const counts = process.argv.slice(2).map(Number);
const stack = new ServicesStack(["back-1", HOST]);
await stack.create();
const rows: Record<string, object> = {};
for (const count of counts.length > 0 ? counts : [30, 100]) {
  for (const probe of ["tcp", { http: "/" }]) {
    stack.declare({ ...etcdService(), ...services(count, probe) });
    await stack.succeed("up");
    await eventually("all are announced", () => announced() === 2 * count, 120);
    rows[`${count} services, probe ${JSON.stringify(probe)}`] = await measure();
  }
}
console.table(rows);
await stack.remove();

function services(count: number, probe: unknown): Services {
  return Object.fromEntries(
    Array.from({ length: count }, (_, index) => [
      `web-${index}`,
      {
        host: HOST,
        image: labImage("web"),
        announce: { port: 8080, probe },
        ready: { running: true, successes: 1 },
        update: { monitor: 0, drain: 0, stopTimeout: 1 },
      },
    ]),
  );
}

function announced(): number {
  return onHost(HOST, "sh", "-c", "cat /run/rundock/announced 2>/dev/null || true").split("\n").length - 1;
}

/** What the announcer and the processes that it waited for used, of one core; and how many processes came into being on the host. */
async function measure(): Promise<object> {
  const before = usage();
  await sleep(SECONDS * 1000);
  const after = usage();
  const seconds = after.uptime - before.uptime;
  return {
    "% of a core": ((100 * (after.used - before.used)) / CLOCK_TICKS / seconds).toFixed(2),
    "processes a second": ((after.lastPid - before.lastPid) / seconds).toFixed(1),
  };
}

function usage(): { uptime: number; used: number; lastPid: number } {
  const [uptime = 0, used = 0, lastPid = 0] = onHost(HOST, "sh", "-c", USAGE).trim().split(" ").map(Number);
  return { uptime, used, lastPid };
}
