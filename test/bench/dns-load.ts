import { Resolver } from "node:dns/promises";
import { labHost } from "../e2e/services-stack.ts";

const QUERIES_A_SECOND = 100;
const TIMEOUT_MS = 1000;

/** A steady stream of queries for one name, to the CoreDNS of each host in turn, which is sent again once like a resolver's. */
export class DnsLoad {
  readonly #addresses: readonly string[];
  readonly #name: string;
  readonly #open = new Set<Promise<void>>();
  readonly #start = performance.now();
  readonly #timer: NodeJS.Timeout;
  #sent = 0;
  #sentAgain = 0;
  #failed = 0;

  constructor(hosts: readonly string[], name: string) {
    this.#addresses = hosts.map((host) => labHost(host).privateAddress);
    this.#name = name;
    this.#timer = setInterval(() => this.#catchUp(), 10);
  }

  async stop(): Promise<string> {
    clearInterval(this.#timer);
    await Promise.all(this.#open);
    return `of ${this.#sent} DNS queries ${this.#sentAgain} sent again, ${this.#failed} failed`;
  }

  #catchUp(): void {
    while (this.#sent < ((performance.now() - this.#start) / 1000) * QUERIES_A_SECOND) {
      const asked = this.#ask(this.#addresses[this.#sent % this.#addresses.length] as string);
      this.#sent += 1;
      this.#open.add(asked);
      asked.then(() => this.#open.delete(asked));
    }
  }

  async #ask(address: string): Promise<void> {
    if (await isAnswered(address, this.#name)) return;
    this.#sentAgain += 1;
    if (!(await isAnswered(address, this.#name))) this.#failed += 1;
  }
}

/** From a port of its own, so that the kernel may hand each query to another of the sockets that listen. */
async function isAnswered(address: string, name: string): Promise<boolean> {
  const resolver = new Resolver({ timeout: TIMEOUT_MS, tries: 1 });
  resolver.setServers([address]);
  return resolver.resolve4(name).then(
    () => true,
    () => false,
  );
}
