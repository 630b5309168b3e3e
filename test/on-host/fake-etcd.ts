import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";

interface Compare {
  readonly key: string;
  readonly target: "MOD" | "LEASE";
  readonly mod_revision?: string;
  readonly lease?: string;
}

interface Operation {
  readonly requestPut?: { readonly key: string; readonly value: string; readonly lease: string };
  readonly requestDeleteRange?: { readonly key: string };
  readonly requestRange?: { readonly key: string; readonly range_end: string };
}

interface Body {
  readonly ID?: string;
  readonly TTL?: string;
  readonly compare?: readonly Compare[];
  readonly success?: readonly Operation[];
  readonly name?: string;
  readonly password?: string;
}

/** What is under a key; without a lease it stays for good. */
interface Entry {
  readonly value: string;
  readonly lease?: string | undefined;
  readonly mod: number;
}

interface Data {
  readonly entries: ReadonlyMap<string, Entry>;
  readonly leases: ReadonlySet<string>;
  readonly revision: number;
}

class Refusal extends Error {
  readonly status: number;

  constructor(status: number) {
    super(`status ${status}`);
    this.status = status;
  }
}

/**
 * As much of etcd's gateway as the announcer talks to, with the traps of the real one: an expired lease answers a
 * keepalive with success and no TTL, and a transaction takes 128 operations. The real etcd is in the lab.
 */
export class FakeEtcd {
  /** How requests are met: `hangs` is a member without a quorum. */
  mode: "answers" | "hangs" = "answers";
  /** Whether this host's user may read. */
  readable = true;
  grants = 0;
  /** Seconds that the last lease was asked for. */
  leaseSeconds = 0;
  logins = 0;
  /** Name and password of who may read and write. Without one, all may. */
  user: { readonly name: string; readonly password: string } | undefined;
  readonly #sessions = new Set<string>();
  keepalives = 0;
  /** Since the last put. */
  quietKeepalives = 0;
  #entries = new Map<string, Entry>();
  #leases = new Set<string>();
  #revision = 1;
  readonly #members: Server[] = [];

  /** Another member. @returns its URL */
  async start(): Promise<string> {
    const member = createServer((request, response) => this.#serve(request, response));
    this.#members.push(member);
    await once(member.listen(0, "127.0.0.1"), "listening");
    return urlOf(member);
  }

  /** The member goes as a killed process does: its connections end, and its port takes none. */
  kill(url: string): void {
    const index = this.#members.findIndex((member) => urlOf(member) === url);
    for (const member of this.#members.splice(index, 1)) end(member);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = (await json(request)) as Body;
    if (this.mode === "hangs") return;
    try {
      response.end(JSON.stringify(this.#answer(request, body)));
    } catch (error) {
      response.statusCode = (error as Refusal).status;
      response.end("{}");
    }
  }

  /** Key -> record. */
  get records(): ReadonlyMap<
    string,
    { readonly host?: string; readonly port?: number; readonly text?: string }
  > {
    return new Map([...this.#entries].map(([key, { value }]) => [key, JSON.parse(value)]));
  }

  has(key: string): boolean {
    return this.#entries.has(key);
  }

  /** The lease goes, and all records with it. */
  expire(): void {
    for (const lease of this.#leases) this.#revoke(lease);
  }

  /** What another than the announcer writes. */
  write(key: string, value: string): void {
    this.#entries.set(key, { value, mod: ++this.#revision });
  }

  erase(key: string): void {
    this.#entries.delete(key);
  }

  save(): Data {
    return {
      entries: new Map(this.#entries),
      leases: new Set(this.#leases),
      revision: this.#revision,
    };
  }

  restore({ entries, leases, revision }: Data): void {
    this.#entries = new Map(entries);
    this.#leases = new Set(leases);
    this.#revision = revision;
  }

  /** As a member does that restarts. */
  forgetSessions(): void {
    this.#sessions.clear();
  }

  close(): void {
    for (const member of this.#members) end(member);
  }

  #answer({ url = "", headers }: IncomingMessage, body: Body): object {
    this.#admit(url, headers.authorization);
    const lease = body.ID ?? "";
    const header = { revision: String(this.#revision) };
    switch (url) {
      case "/v3/auth/authenticate":
        return this.#logIn(body);
      case "/v3/lease/grant":
        this.grants += 1;
        this.leaseSeconds = Number(body.TTL);
        this.#leases.add(String(1000 + this.grants));
        return { header, ID: String(1000 + this.grants), TTL: "4" };
      case "/v3/lease/keepalive":
        this.keepalives += 1;
        this.quietKeepalives += 1;
        return { result: { header, ID: lease, ...(this.#leases.has(lease) ? { TTL: "4" } : {}) } };
      case "/v3/lease/timetolive":
        return { header, ID: lease, TTL: "4", grantedTTL: "4", keys: this.#keysOf(lease).map(encode) };
      case "/v3/lease/revoke":
        this.#revoke(lease);
        return { header };
      default:
        return { header, ...this.#transaction(body) };
    }
  }

  /** Leases are open to all; a request without a session is another error than one whose session is over. */
  #admit(url: string, session: string | undefined): void {
    if (this.user === undefined || /^.v3.(auth|lease.(grant|keepalive))/.test(url)) return;
    if (session === undefined) throw new Refusal(400);
    if (!this.#sessions.has(session)) throw new Refusal(401);
  }

  #logIn({ name, password }: Body): object {
    if (name !== this.user?.name || password !== this.user?.password) throw new Refusal(400);
    this.logins += 1;
    const token = `session.${this.logins}`;
    this.#sessions.add(token);
    return { token };
  }

  #transaction({ compare = [], success = [] }: Body): object {
    if (success.length > 128) throw new Refusal(400);
    if (!compare.every((each) => this.#holds(each))) return { responses: [] };
    return { succeeded: true, responses: success.map((operation) => this.#apply(operation)) };
  }

  #holds({ key, target, mod_revision, lease }: Compare): boolean {
    const entry = this.#entries.get(decode(key));
    return target === "MOD" ? entry?.mod === Number(mod_revision) : entry?.lease === lease;
  }

  #apply({ requestPut, requestDeleteRange, requestRange }: Operation): object {
    if (requestPut) this.#put(requestPut);
    if (requestDeleteRange) this.#entries.delete(decode(requestDeleteRange.key));
    return requestRange ? { response_range: this.#range(requestRange) } : {};
  }

  #put({ key, value, lease }: NonNullable<Operation["requestPut"]>): void {
    if (!this.#leases.has(lease)) throw new Refusal(404);
    this.quietKeepalives = 0;
    this.#entries.set(decode(key), { value: decode(value), lease, mod: ++this.#revision });
  }

  #range({ key, range_end }: NonNullable<Operation["requestRange"]>): object {
    if (!this.readable) throw new Refusal(403);
    const [first, end] = [decode(key), decode(range_end)];
    const found = [...this.#entries].filter(([each]) => each >= first && each < end);
    return {
      kvs: found.map(([each, { value, lease, mod }]) => ({
        key: encode(each),
        mod_revision: String(mod),
        ...(value === "" ? {} : { value: encode(value) }),
        ...(lease === undefined ? {} : { lease }),
      })),
    };
  }

  #keysOf(lease: string): string[] {
    return [...this.#entries].filter(([, entry]) => entry.lease === lease).map(([key]) => key);
  }

  #revoke(lease: string): void {
    for (const key of this.#keysOf(lease)) this.#entries.delete(key);
    this.#leases.delete(lease);
  }
}

function urlOf(member: Server): string {
  return `http://127.0.0.1:${(member.address() as AddressInfo).port}`;
}

function end(member: Server): void {
  member.close();
  member.closeAllConnections();
}

function encode(text: string): string {
  return Buffer.from(text).toString("base64");
}

function decode(text: string): string {
  return Buffer.from(text, "base64").toString();
}
