import { Agent, request } from "node:http";
import { request as requestOverTls, Agent as TlsAgent } from "node:https";

/** One kind of request that a client may send. */
interface Kind {
  readonly method: "GET" | "POST";
  readonly frontend: string;
  readonly agent: Agent | false;
  /** The name that is asked for over TLS; plain HTTP without it. */
  readonly servername?: string | undefined;
}

export interface FailedRequest {
  /** Milliseconds since the load began. */
  readonly at: number;
  readonly method: "GET" | "POST";
  readonly frontend: string;
  readonly why: string;
}

export interface LoadResult {
  readonly total: number;
  readonly failed: readonly FailedRequest[];
  /** The bodies that were answered, with the time of the answer in milliseconds since the load began. */
  readonly answers: readonly { readonly at: number; readonly body: string }[];
}

const REQUESTS_A_SECOND = 100;
const TIMEOUT_MS = 5000;

/** A steady load on every frontend: GET and POST, over fresh and over kept connections, in turn. */
export class Load {
  readonly #kinds: readonly Kind[];
  readonly #failed: FailedRequest[] = [];
  readonly #answers: { at: number; body: string }[] = [];
  readonly #open = new Set<Promise<void>>();
  readonly #start = performance.now();
  readonly #timer: NodeJS.Timeout;
  #sent = 0;

  /**
   * @param frontends IP addresses
   * @param servername what to ask for over TLS; plain HTTP without it
   */
  constructor(frontends: readonly string[], servername?: string) {
    this.#kinds = frontends.flatMap((frontend) => {
      const kept = new (servername === undefined ? Agent : TlsAgent)({ keepAlive: true, maxSockets: 8 });
      const methods = ["GET", "POST"] as const;
      return methods.flatMap((method) => [
        { method, frontend, servername, agent: kept },
        { method, frontend, servername, agent: false as const },
      ]);
    });
    this.#timer = setInterval(() => this.#catchUp(), 10);
  }

  /** Milliseconds since the load began. */
  get now(): number {
    return performance.now() - this.#start;
  }

  async stop(): Promise<LoadResult> {
    clearInterval(this.#timer);
    await Promise.all(this.#open);
    for (const { agent } of this.#kinds) if (agent) agent.destroy();
    return { total: this.#sent, failed: this.#failed, answers: this.#answers };
  }

  /** Sends what is due: a timer that came late does not lower the load. */
  #catchUp(): void {
    while (this.#sent < (this.now / 1000) * REQUESTS_A_SECOND) {
      const kind = this.#kinds[this.#sent % this.#kinds.length] as Kind;
      this.#sent += 1;
      const sent = this.#send(kind);
      this.#open.add(sent);
      sent.then(() => this.#open.delete(sent));
    }
  }

  async #send(kind: Kind): Promise<void> {
    try {
      const body = await once(kind);
      this.#answers.push({ at: this.now, body });
    } catch (error) {
      const { method, frontend } = kind;
      this.#failed.push({ at: this.now, method, frontend, why: (error as Error).message });
    }
  }
}

/**
 * A kept connection that the server closed just then is opened anew for a GET, as every HTTP client does (RFC 9110,
 * 9.2.2).
 */
async function once(kind: Kind): Promise<string> {
  try {
    return await send(kind);
  } catch (error) {
    if (kind.method !== "GET" || !(error as { onKept?: boolean }).onKept) throw error;
    return send({ ...kind, agent: false });
  }
}

function send({ method, frontend, agent, servername }: Kind): Promise<string> {
  return new Promise((resolve, reject) => {
    const path = method === "POST" ? "/cgi-bin/post" : "/";
    const options = { host: frontend, path, method, agent, timeout: TIMEOUT_MS };
    const tls = { servername, headers: { host: servername }, rejectUnauthorized: false };
    const [ask, all] =
      servername === undefined ? [request, options] : [requestOverTls, { ...options, ...tls }];
    const sent = ask(all, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        body += chunk;
      });
      response.on("error", reject);
      response.on("end", () =>
        response.statusCode === 200 ? resolve(body) : reject(new Error(`status ${response.statusCode}`)),
      );
    });
    sent.on("timeout", () => sent.destroy(new Error(`no answer within ${TIMEOUT_MS} ms`)));
    sent.on("error", (error) => reject(Object.assign(error, { onKept: sent.reusedSocket })));
    sent.end(method === "POST" ? "some=data" : undefined);
  });
}
