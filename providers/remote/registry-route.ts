import type { Connection } from "../spec/connection.ts";
import type { Credentials } from "./credentials.ts";
import { Pool } from "./pool.ts";
import type { Route } from "./registry-http.ts";

/** One login for all that ask through a host at the same time; closed after the last, so that the process can end. */
let pool: Pool | undefined;
let asking = 0;

/** Runs the task with a route whose connections are opened by the host's SSH server, names and loopback being its own. */
export async function withRouteVia<T>(
  connection: Connection,
  credentials: Credentials,
  task: (openSocket: NonNullable<Route["openSocket"]>) => Promise<T>,
): Promise<T> {
  pool ??= new Pool(credentials);
  asking += 1;
  try {
    const { ssh } = await pool.session(connection);
    return await task((host, port) => ssh.forwardOut("127.0.0.1", 0, host, port));
  } finally {
    asking -= 1;
    if (asking === 0) await closePool();
  }
}

async function closePool(): Promise<void> {
  const closing = pool;
  pool = undefined;
  await closing?.close();
}
