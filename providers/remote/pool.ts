import { type Connection, connectionKey } from "../spec/connection.ts";
import type { Credentials } from "./credentials.ts";
import { Session } from "./session.ts";

/** How long a host that could not be reached is not tried again. */
const FAILURE_SECONDS = 60;

/** One login per host for the life of the process, shared by all its resources. */
export class Pool {
  readonly #credentials: Credentials;
  readonly #sessions = new Map<string, Promise<Session>>();

  constructor(credentials: Credentials) {
    this.#credentials = credentials;
  }

  /**
   * Gives the host's session, anew when the last one was lost.
   *
   * @throws ConnectError; whoever asks within the next minute gets the same one at once, the hosts behind a jump host
   * included.
   */
  session(connection: Connection): Promise<Session> {
    const key = connectionKey(connection);
    const known = this.#sessions.get(key);
    if (known) return known;
    const forget = () => {
      if (this.#sessions.get(key) === session) this.#sessions.delete(key);
    };
    const session = this.#open(connection, forget);
    this.#sessions.set(key, session);
    session.catch(() => setTimeout(forget, FAILURE_SECONDS * 1000).unref());
    return session;
  }

  async #open(connection: Connection, forget: () => void): Promise<Session> {
    // With what it needs of ssh2 it is a quarter of this package's start, and most previews reach no host.
    const { connect } = await import("./connect.ts");
    const openJump = async (jump: Connection) => (await this.session(jump)).ssh;
    const ssh = await connect(connection, this.#credentials, openJump);
    ssh.connection?.once("close", forget);
    return new Session(ssh, connection);
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
