import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import * as http from "node:http";
import * as https from "node:https";
import { isIP } from "node:net";
import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import * as tls from "node:tls";
import { RegistryFailure } from "./registry-failure.ts";

const PAUSES_MS = [300, 1000];
const LONGEST_PAUSE_MS = 5000;
const MAX_REDIRECTS = 5;
/** What registries themselves take as a manifest. */
const MAX_BODY_BYTES = 4 * 1024 * 1024;

export interface RegistryRequest {
  readonly method: "GET" | "HEAD";
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
}

export interface RegistryAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** How requests reach a registry. */
export interface Route {
  /** Opens a connection to a host's port. @default from this machine */
  readonly openSocket?: (host: string, port: number) => Promise<Duplex>;
  /** Within which each answer must be there. */
  readonly deadlineSeconds: number;
}

/**
 * Asks, follows redirects, and asks again a few times where the registry is busy or the network broke.
 *
 * @throws RegistryFailure when there is no answer; any status is an answer.
 */
export async function askRegistry(request: RegistryRequest, route: Route): Promise<RegistryAnswer> {
  let { url, headers } = request;
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
    const answer = await askPatiently({ ...request, url, headers }, route);
    const next = redirectTarget(answer, url);
    if (next === null) return answer;
    if (next.origin !== url.origin) headers = withoutLogin(headers);
    url = next;
  }
  throw new RegistryFailure(`it redirects more than ${MAX_REDIRECTS} times`);
}

function redirectTarget({ status, headers: { location } }: RegistryAnswer, from: URL): URL | null {
  if (![301, 302, 303, 307, 308].includes(status) || location === undefined) return null;
  if (!URL.canParse(location, from.href)) throw new RegistryFailure("it redirects to what is not a URL");
  const target = new URL(location, from);
  if (target.protocol === "https:" || target.protocol === from.protocol) return target;
  throw new RegistryFailure(`it redirects to ${target.origin}, which is not encrypted`);
}

/** A login is for the server that asked for it. */
function withoutLogin({ authorization: _, ...headers }: RegistryRequest["headers"]): typeof headers {
  return headers;
}

async function askPatiently(request: RegistryRequest, route: Route): Promise<RegistryAnswer> {
  for (const pause of PAUSES_MS) {
    const answer = await attempt(request, route).catch((error: Error) => {
      if (isWorthRetrying(error)) return null;
      throw asFailure(error, request.url);
    });
    if (answer !== null && !isBusy(answer)) return answer;
    await sleep(Math.min(LONGEST_PAUSE_MS, Math.max(pause, wishedPause(answer))));
  }
  return attempt(request, route).catch((error: Error) => {
    throw asFailure(error, request.url);
  });
}

function isBusy({ status }: RegistryAnswer): boolean {
  return status === 429 || status >= 500;
}

function wishedPause(answer: RegistryAnswer | null): number {
  const seconds = Number(answer?.headers["retry-after"]);
  return Number.isFinite(seconds) ? seconds * 1000 : 0;
}

/** A connection that broke. A deadline is not tried again: it has taken its time already. */
function isWorthRetrying(error: NodeJS.ErrnoException): boolean {
  return ["ECONNRESET", "EPIPE", "EAI_AGAIN"].includes(error.code ?? "");
}

async function attempt(request: RegistryRequest, route: Route): Promise<RegistryAnswer> {
  const deadline = AbortSignal.timeout(route.deadlineSeconds * 1000);
  try {
    const response = await send(request, await openSocket(request.url, route, deadline), deadline);
    return { status: response.statusCode ?? 0, headers: response.headers, body: await bodyOf(response) };
  } catch (error) {
    if (!deadline.aborted) throw error;
    throw new RegistryFailure(
      `no answer from ${request.url.host} within ${route.deadlineSeconds} s`,
      UNREACHABLE,
    );
  }
}

async function openSocket(url: URL, route: Route, deadline: AbortSignal): Promise<Duplex | null> {
  if (route.openSocket === undefined) return null;
  const port = url.port === "" ? (url.protocol === "https:" ? 443 : 80) : Number(url.port);
  const opening = route.openSocket(bareHost(url), port);
  return new Promise((resolve, reject) => {
    deadline.addEventListener("abort", () => reject(deadline.reason));
    opening.then((socket) => {
      if (deadline.aborted) socket.destroy();
      else resolve(socket);
    }, reject);
  });
}

/** An IPv6 address stands in brackets only in a URL. */
function bareHost({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, "");
}

function send({ method, url, headers }: RegistryRequest, socket: Duplex | null, signal: AbortSignal) {
  const { request } = url.protocol === "https:" ? https : http;
  const through = socket === null ? {} : { createConnection: () => secured(socket, url) };
  return new Promise<IncomingMessage>((resolve, reject) => {
    request(url, { method, headers, signal, ...through }, resolve)
      .on("error", reject)
      .end();
  });
}

function secured(socket: Duplex, url: URL): Duplex {
  if (url.protocol !== "https:") return socket;
  const host = bareHost(url);
  return tls.connect({ socket, host, ...(isIP(host) === 0 ? { servername: host } : {}) });
}

async function bodyOf(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_BODY_BYTES) throw new RegistryFailure("its answer is longer than 4 MiB");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const UNREACHABLE =
  "Check the name; `via` asks from one of your hosts, and a reference with @sha256: needs no registry at all";

function asFailure(error: NodeJS.ErrnoException, url: URL): RegistryFailure {
  if (error instanceof RegistryFailure) return error;
  const { code = "" } = error;
  if (code === "EPROTO" || code === "ERR_SSL_WRONG_VERSION_NUMBER") {
    return new RegistryFailure(
      `${url.host} does not speak TLS`,
      "`insecure: true` asks over plain HTTP",
      error,
    );
  }
  if (/CERT|SELF_SIGNED|UNABLE_TO_/.test(code)) {
    const advice = "NODE_EXTRA_CA_CERTS names a file with the certificate of its authority";
    return new RegistryFailure(`${url.host} does not prove who it is: ${error.message}`, advice, error);
  }
  return new RegistryFailure(`${url.host} cannot be reached: ${messageOf(error)}`, UNREACHABLE, error);
}

/** Node tries every address of a name; when all fail, the error that gathers them has no message. */
function messageOf(error: Error): string {
  const errors = error instanceof AggregateError ? (error.errors as Error[]) : [error];
  return errors.map(({ message }) => message).join("; ");
}
