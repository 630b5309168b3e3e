import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A port of this machine that leads to another one, until the test breaks it. */
export class BreakableLine {
  readonly #sockets = new Set<Socket>();
  readonly #server = createServer((near) => this.#join(near));
  readonly #far: { readonly host: string; readonly port: number };
  #refusals: number;
  #piecesLeft = Number.POSITIVE_INFINITY;
  #atPiece: () => void = () => {};
  /** Connections so far, the refused ones included. */
  count = 0;

  /** @param refusals how many connections are cut at once before the first one gets through */
  constructor(far: { readonly host: string; readonly port: number }, refusals = 0) {
    this.#far = far;
    this.#refusals = refusals;
  }

  /** @returns the port. */
  async open(address = "127.0.0.1"): Promise<number> {
    this.#server.listen(0, address);
    await once(this.#server, "listening");
    return (this.#server.address() as AddressInfo).port;
  }

  #join(near: Socket): void {
    this.count += 1;
    if (this.#refusals > 0) {
      this.#refusals -= 1;
      near.destroy();
      return;
    }
    const far = connect(this.#far);
    for (const socket of [near, far]) {
      this.#sockets.add(socket);
      socket.on("error", () => {});
      socket.once("close", () => this.#sockets.delete(socket));
      socket.on("data", () => this.#countPiece());
    }
    far.once("close", () => near.destroy());
    near.pipe(far).pipe(near);
  }

  #countPiece(): void {
    this.#piecesLeft -= 1;
    if (this.#piecesLeft !== 0) return;
    this.#atPiece();
    this.cut();
  }

  /**
   * Cuts all connections once, at the so-many-th piece of data from now on in either direction, which is lost.
   *
   * @param first what to do just before
   * @returns what ends the count, and tells whether it came to that
   */
  cutAt(piece: number, first: () => void = () => {}): () => boolean {
    this.#piecesLeft = piece;
    this.#atPiece = first;
    return () => {
      const hasCut = this.#piecesLeft <= 0;
      this.#piecesLeft = Number.POSITIVE_INFINITY;
      return hasCut;
    };
  }

  /** Cuts all connections; new ones get through. */
  cut(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  /** Nothing passes any more, and nobody is told. */
  silence(): void {
    for (const socket of this.#sockets) socket.unpipe().pause();
  }

  close(): void {
    this.#server.close();
    this.cut();
  }
}
