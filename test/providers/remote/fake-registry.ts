import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A registry whose answers a test writes: a real HTTP server on the loopback address. */
export class FakeRegistry {
  /** `METHOD PATH` of every request so far. */
  readonly asked: string[] = [];
  answer: Answer = (_, response) => response.writeHead(404).end();
  readonly #server = createServer((request, response) => {
    this.asked.push(`${request.method} ${request.url}`);
    this.answer(request, response);
  });

  async start(): Promise<void> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
  }

  /** Its name in an image's reference. */
  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
