import { Agent, request } from "node:http";
import { request as requestOverTls, Agent as TlsAgent } from "node:https";

/** One kind of request that a client may send. */
interface Kind {
  readonly method: "GET" | "POST";
  readonly frontend: string;
  /** The name that is asked for. */
  readonly site: string;
  readonly agent: Agent | false;
  readonly isOverTls: boolean;
}

export interface FailedRequest {
  /** Milliseconds since the load began. */
  readonly at: number;
  readonly method: "GET" | "POST";
  readonly frontend: string;
  readonly site: string;
  readonly why: string;
}

export interface LoadResult {
  /** How many requests each site got. */
  readonly sent: ReadonlyMap<string, number>;
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
  readonly #sent = new Map<string, number>();
  #count = 0;

  /**
   * @param frontends IP addresses
   * @param sites the names that are asked for in turn; one that is named twice gets twice as much
   */
  constructor(frontends: readonly string[], sites: readonly string[], isOverTls: boolean) {
    const connections = frontends.flatMap((frontend) => {
      const kept = new (isOverTls ? TlsAgent : Agent)({ keepAlive: true, maxSockets: 8 });
      const methods = ["GET", "POST"] as const;
      return methods.flatMap((method) => [
        { method, frontend, isOverTls, agent: kept },
        { method, frontend, isOverTls, agent: false as const },
      ]);
    });
    this.#kinds = connections.flatMap((connection) => sites.map((site) => ({ ...connection, site })));
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
    return { sent: this.#sent, failed: this.#failed, answers: this.#answers };
  }

  /** Sends what is due: a timer that came late does not lower the load. */
  #catchUp(): void {
    while (this.#count < (this.now / 1000) * REQUESTS_A_SECOND) {
      const kind = this.#kinds[this.#count % this.#kinds.length] as Kind;
      this.#count += 1;
      this.#sent.set(kind.site, (this.#sent.get(kind.site) ?? 0) + 1);
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
      const { method, frontend, site } = kind;
      this.#failed.push({ at: this.now, method, frontend, site, why: (error as Error).message });
    }
  }
}

/** Whether a frontend serves a site over plain HTTP. */
export function isServed(frontend: string, site: string): Promise<boolean> {
  return send({ method: "GET", frontend, site, agent: false, isOverTls: false }).then(
    () => true,
    () => false,
  );
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

function send({ method, frontend, site, agent, isOverTls }: Kind): Promise<string> {
  return new Promise((resolve, reject) => {
    const path = method === "POST" ? "/cgi-bin/post" : "/";
    const options = { host: frontend, path, method, agent, headers: { host: site }, timeout: TIMEOUT_MS };
    const tls = { servername: site, rejectUnauthorized: false };
    const [ask, all] = isOverTls ? [requestOverTls, { ...options, ...tls }] : [request, options];
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
