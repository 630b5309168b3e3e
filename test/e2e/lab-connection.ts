import { execFileSync } from "node:child_process";
import { Pool } from "../../providers/remote/pool.ts";
import type { Connection } from "../../providers/spec/connection.ts";
import { type LabHost, labConfiguration, labEnvironment, ROOT } from "./lab-environment.ts";

/** How a lab host is reached, its jump host included. */
export function labConnection(name: string): Connection {
  const hosts = labConfiguration().config["rundock:hosts"];
  const { address, hostKey, jump } = hosts.find((host) => host.name === name) as LabHost;
  return { name, address, hostKey, port: 22, user: "root", ...(jump ? { jump: labConnection(jump) } : {}) };
}

/** Logs in as the stack does. */
export function labPool(): Pool {
  return new Pool({ privateKey: labKey() });
}

/** The stack's key, decrypted by the CLI, as a user would read it. */
export function labKey(): string {
  const options = { cwd: ROOT, encoding: "utf8", env: labEnvironment() } as const;
  return execFileSync("pulumi", ["config", "get", "rundock:sshKey"], options);
}
