import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { buffer } from "node:stream/consumers";

/**
 * Two instances in this process, where a lab host reaches them: one that serves, and one that ends every connection
 * without an answer. `/slow` has no answer but that its connection stays; what asks for a websocket gets back what it says.
 */
export class FrontendUpstreams {
  readonly #good = createServer((request, response) => this.#serve(request, response));
  readonly #bad = createServer(({ socket }) => {
    this.ended += 1;
    socket.destroy();
  });
  /** How many requests the bad one has ended. */
  ended = 0;
  address = "";

  /** @param host the address of a lab host */
  async start(host: string): Promise<void> {
    const way = connect(80, host);
    await once(way, "connect");
    this.address = way.localAddress ?? "";
    way.destroy();
    this.#good.on("upgrade", ({ headers }: IncomingMessage, socket) => {
      socket.on("error", () => {});
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nUpgrade: ${headers.upgrade}\r\nConnection: Upgrade\r\n\r\n`,
      );
      socket.pipe(socket);
    });
    for (const server of [this.#good, this.#bad]) await once(server.listen(0, this.address), "listening");
  }

  get goodPort(): number {
    return portOf(this.#good);
  }

  get badPort(): number {
    return portOf(this.#bad);
  }

  close(): void {
    for (const server of [this.#good, this.#bad]) {
      server.close();
      server.closeAllConnections();
    }
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { length } = await buffer(request);
    if (request.url !== "/slow") response.end(`${length} from ${request.headers["x-forwarded-proto"]}`);
  }
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}
