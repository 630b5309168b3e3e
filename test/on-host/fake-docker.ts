import { createServer, type Server } from "node:http";

export interface FakeContainer {
  readonly Id: string;
  readonly State: string;
  readonly Status: string;
  readonly Labels: Readonly<Record<string, string>>;
  readonly Ports?: readonly object[];
  readonly NetworkSettings: { readonly Networks: Readonly<Record<string, { readonly IPAddress: string }>> };
}

/** The two answers of Docker's API that the scripts read, on a socket: the real engine is in the lab. */
export class FakeDocker {
  containers: readonly FakeContainer[] = [];
  /** Name -> what an inspection answers. */
  readonly inspections = new Map<string, object>();
  readonly #server: Server;

  constructor(socket: string) {
    this.#server = createServer((request, response) => {
      const [, , name] = (request.url ?? "").split("/");
      const isList = request.url?.startsWith("/containers/json");
      const inspection = this.inspections.get(name ?? "");
      response.statusCode = isList || inspection ? 200 : 404;
      response.end(
        JSON.stringify(isList ? this.containers : (inspection ?? { message: "No such container" })),
      );
    }).listen(socket);
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}
