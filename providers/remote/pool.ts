import { type Connection, connectionKey } from "../spec/connection.ts";
import { connect } from "./connect.ts";
import type { Credentials } from "./credentials.ts";
import { Session } from "./session.ts";

/** One login per host for the life of the process, shared by all its resources. */
export class Pool {
  readonly #credentials: Credentials;
  readonly #sessions = new Map<string, Promise<Session>>();

  constructor(credentials: Credentials) {
    this.#credentials = credentials;
  }

  /** @throws ConnectError; a failed login is tried anew by the next caller. */
  session(connection: Connection): Promise<Session> {
    const key = connectionKey(connection);
    const known = this.#sessions.get(key);
    if (known) return known;
    const session = this.#open(connection, () => this.#sessions.delete(key));
    this.#sessions.set(key, session);
    session.catch(() => this.#sessions.delete(key));
    return session;
  }

  async #open(connection: Connection, forget: () => void): Promise<Session> {
    const jump = connection.jump === undefined ? null : (await this.session(connection.jump)).ssh;
    const ssh = await connect(connection, this.#credentials, jump);
    ssh.connection?.on("close", forget);
    return new Session(ssh, connection.user);
  }

  /** Ends every login. */
  async close(): Promise<void> {
    const sessions = [...this.#sessions.values()];
    this.#sessions.clear();
    for (const session of await Promise.allSettled(sessions)) {
      if (session.status === "fulfilled") session.value.ssh.dispose();
    }
  }
}
