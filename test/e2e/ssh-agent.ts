import { execFileSync, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { eventually } from "./eventually.ts";

/** A real ssh-agent at the socket, with these keys. */
export async function startAgent(socket: string, ...keys: string[]): Promise<{ stop(): void }> {
  const agent = spawn("ssh-agent", ["-D", "-a", socket], { stdio: "ignore" });
  await eventually("the agent listens", () => existsSync(socket));
  for (const input of keys) {
    execFileSync("ssh-add", ["-q", "-"], { input, env: { ...process.env, SSH_AUTH_SOCK: socket } });
  }
  return { stop: () => agent.kill() };
}
