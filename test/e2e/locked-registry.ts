import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { labHost } from "./services-stack.ts";

/** The lab's registry behind a login, at this machine's address in the lab's public network; without TLS. */
export class LockedRegistry {
  readonly username = "deploy";
  readonly password = "correct-horse-battery";
  readonly #address = lastNumber(labHost("front-1").publicAddress, 1);
  readonly #registry = lastNumber(labHost("front-1").publicAddress, 5);
  readonly #server: Server = createServer((asked, answer) => {
    if (asked.headers.authorization !== `Basic ${btoa(`${this.username}:${this.password}`)}`) {
      answer.writeHead(401, { "WWW-Authenticate": 'Basic realm="the lab"' }).end();
      return;
    }
    const { method, url, headers } = asked;
    const onward = request({ host: this.#registry, port: 5000, method, path: url, headers }, (found) => {
      answer.writeHead(found.statusCode ?? 502, found.headers);
      found.pipe(answer);
    });
    onward.on("error", () => answer.destroy());
    asked.pipe(onward);
  });

  open(): Promise<void> {
    return new Promise((resolve) => this.#server.listen(0, this.#address, resolve));
  }

  /** As an image's name begins with. */
  get name(): string {
    return `${this.#address}:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

function lastNumber(address = "", number: number): string {
  return address.replace(/\d+$/, String(number));
}
