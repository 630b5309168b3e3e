import { createServer, type Server } from "node:http";

export interface FakeContainer {
  readonly Id: string;
  readonly State: string;
  readonly Status: string;
  readonly Labels: Readonly<Record<string, string>>;
  readonly Ports?: readonly object[];
  readonly NetworkSettings: { readonly Networks: Readonly<Record<string, { readonly IPAddress: string }>> };
}

/** What the scripts ask of Docker's API, on a socket: the real engine is in the lab. */
export class FakeDocker {
  containers: readonly FakeContainer[] = [];
  /** Name -> what an inspection answers. */
  readonly inspections = new Map<string, object>();
  /** How requests are met: one that hangs takes them, and says nothing; one that fails has an error for each. */
  mode: "answers" | "hangs" | "fails" = "answers";
  /** How often its containers were asked for. */
  lists = 0;
  /** Requests other than GET: METHOD PATH. */
  readonly changes: string[] = [];
  /** Those that a container uses cannot be removed. */
  readonly usedImages = new Set<string>();
  /** Answers an inspection when there is nothing in {@link inspections}. */
  onInspection: () => object | undefined = () => undefined;
  readonly #server: Server;

  constructor(socket: string) {
    this.#server = createServer((request, response) => {
      if (this.mode === "hangs") return;
      if (this.mode === "fails") {
        response.statusCode = 500;
        response.end("{}");
        return;
      }
      const [, kind, name] = (request.url ?? "").split("/");
      if (request.method !== "GET") {
        this.changes.push(`${request.method} ${request.url}`);
        // The stream of a container that goes on.
        if (request.url?.includes("/attach")) return;
        response.statusCode = kind === "images" && this.usedImages.has(name ?? "") ? 409 : 200;
        response.end("[]");
        return;
      }
      const isList = request.url?.startsWith("/containers/json");
      if (isList) this.lists += 1;
      const inspection = this.inspections.get(name ?? "") ?? (isList ? undefined : this.onInspection());
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
