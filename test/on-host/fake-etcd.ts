import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";

interface Operation {
  readonly requestPut?: { readonly key: string; readonly value: string; readonly lease: string };
  readonly requestDeleteRange?: { readonly key: string };
}

/**
 * As much of etcd's gateway as the announcer talks to, with the traps of the real one: an expired lease answers a
 * keepalive with success and no TTL. The real etcd is in the lab.
 */
export class FakeEtcd {
  /** Key -> record. */
  readonly records = new Map<string, { readonly host: string; readonly port: number }>();
  grants = 0;
  #lease = "";
  readonly #server: Server = createServer(async (request, response) => {
    response.end(JSON.stringify(await this.#answer(request)));
  });

  async start(): Promise<string> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** The lease goes, and all records with it. */
  expire(): void {
    this.#lease = "";
    this.records.clear();
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #answer(request: IncomingMessage): Promise<object> {
    const body = (await json(request)) as { ID?: string; key?: string; success?: Operation[] };
    switch (request.url) {
      case "/v3/lease/grant":
        this.grants += 1;
        this.#lease = String(1000 + this.grants);
        return { ID: this.#lease, TTL: "4" };
      case "/v3/lease/keepalive":
        return { result: { ID: body.ID, ...(body.ID === this.#lease ? { TTL: "4" } : {}) } };
      case "/v3/lease/revoke":
        this.expire();
        return {};
      case "/v3/kv/deleterange":
        this.records.delete(decode(body.key));
        return {};
      default:
        for (const operation of body.success ?? []) this.#apply(operation);
        return { succeeded: true };
    }
  }

  #apply({ requestPut, requestDeleteRange }: Operation): void {
    if (requestPut) this.records.set(decode(requestPut.key), JSON.parse(decode(requestPut.value)));
    if (requestDeleteRange) this.records.delete(decode(requestDeleteRange.key));
  }
}

function decode(text = ""): string {
  return Buffer.from(text, "base64").toString();
}
