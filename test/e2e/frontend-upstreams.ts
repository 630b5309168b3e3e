import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import {
  type AddressInfo,
  connect,
  createServer as createTcpServer,
  type Server as TcpServer,
} from "node:net";
import { buffer } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * Instances in this process, where a lab host reaches them: one that serves, some that end every connection without an
 * answer, at `/late` after half a second and at `/held` when they are told to, and one that reads nothing. `/slow` has no
 * answer but that its connection stays; what asks for a websocket gets back what it says.
 */
export class FrontendUpstreams {
  readonly #good = createServer((request, response) => this.#serve(request, response));
  readonly #bad = [1, 2, 3].map(() =>
    createServer(async ({ url, socket }) => {
      this.ended += 1;
      if (url === "/late") await sleep(500);
      if (url === "/held") await this.#release.promise;
      socket.destroy();
    }),
  );
  readonly #deaf = createTcpServer({ pauseOnConnect: true }, (socket) => socket.unref());
  readonly #release = Promise.withResolvers<void>();
  /** How many requests the bad ones have got. */
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
    for (const server of [this.#good, ...this.#bad, this.#deaf])
      await once(server.listen(0, this.address), "listening");
  }

  get goodPort(): number {
    return portOf(this.#good);
  }

  get badPorts(): readonly number[] {
    return this.#bad.map(portOf);
  }

  get deafPort(): number {
    return portOf(this.#deaf);
  }

  /** In the same network, but nobody has it. */
  get unusedAddress(): string {
    return this.address.replace(/\d+$/, "254");
  }

  /** Ends what is held, and from then on at once. */
  release(): void {
    this.#release.resolve();
  }

  close(): void {
    this.#deaf.close();
    for (const server of [this.#good, ...this.#bad]) {
      server.close();
      server.closeAllConnections();
    }
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { length } = await buffer(request);
    if (request.url !== "/slow") response.end(`${length} from ${request.headers["x-forwarded-proto"]}`);
  }
}

function portOf(server: TcpServer): number {
  return (server.address() as AddressInfo).port;
}
