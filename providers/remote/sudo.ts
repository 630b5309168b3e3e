import type { Command, CommandResult } from "./command.ts";
import type { ConnectFailure } from "./errors.ts";

/** In front of each command of a login that is not root. There is nobody to type a password. */
export const SUDO = ["sudo", "-n", "--"];

/** Does nothing, as root. */
export const SUDO_PROOF: Command = { words: [...SUDO, "sh", "-c", ":"], deadlineSeconds: 30 };

const NOT_FOUND = 127;

/** Why the login may not become root, in sudo's own words, and what allows it. */
export function refusedSudo(user: string, { code, stderr }: CommandResult): ConnectFailure {
  const isThere = code !== NOT_FOUND;
  return {
    step: "become root",
    cause: isThere ? `sudo does not let ${user} do it without a password` : "there is no sudo",
    evidence: stderr.trim().split("\n").filter(Boolean).slice(-3),
    advice: [
      ...(isThere ? [] : ["Install sudo on the host, or log in as root"]),
      `Write into /etc/sudoers.d/rundock on the host, with visudo -f: ${user} ALL=(root) NOPASSWD: ALL`,
    ],
  };
}
