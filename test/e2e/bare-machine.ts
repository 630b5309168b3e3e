import { execFileSync, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { LAB } from "./lab-environment.ts";

const SCRIPT = fileURLToPath(new URL("bare-hosts.sh", import.meta.url));

/** What bootstrap.sh says, but for its first line, of a machine that is ready. */
export const NOTHING_TO_DO = [
  "packages: nothing to do",
  "docker configuration: nothing to do",
  "docker: runs",
  "runit: runs",
  "ready: nothing was to do",
];

/** A machine of the lab that has an SSH server, and nothing that Rundock needs. */
export class BareMachine {
  readonly name: string;
  readonly address: string;
  readonly hostKey: string;

  /** Makes it anew. @param name bare-1 has systemd, bare-2 has no init. */
  constructor(name: "bare-1" | "bare-2") {
    const [, address = "", ...hostKey] = bareHosts("up", name).trim().split(" ");
    this.name = name;
    this.address = address;
    this.hostKey = hostKey.join(" ");
  }

  cutPower(): void {
    bareHosts("cut-power", this.name);
  }

  remove(): void {
    bareHosts("down", this.name);
  }

  /** Not by SSH: what a person sees on the console. */
  onConsole(script: string): string {
    const result = spawnSync("docker", ["exec", `rundock-${LAB}-${this.name}`, "sh", "-euc", script], {
      encoding: "utf8",
    });
    if (result.status !== 0) throw new Error(`${this.name}: ${script}: ${result.stdout}${result.stderr}`);
    return result.stdout;
  }

  /** The files that a further run of bootstrap.sh could have touched. */
  filesSince(stamp: string): string {
    return this.onConsole(
      `find /etc /usr /lib /var/lib/dpkg /var/lib/apt /var/lib/systemd -newer ${stamp} | head`,
    );
  }
}

function bareHosts(...words: string[]): string {
  const env = { ...process.env, RUNDOCK_LAB: LAB };
  return execFileSync("sh", [SCRIPT, ...words], { env, encoding: "utf8" });
}
