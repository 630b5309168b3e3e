import { Resolver } from "node:dns/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { onHost } from "./lab-environment.ts";
import { labHost } from "./services-stack.ts";

/** The CoreDNS on a lab host. */
export class NameServer {
  readonly #resolver = new Resolver({ timeout: 5000, tries: 2 });
  readonly #host: string;

  constructor(host: string) {
    this.#host = host;
    this.#resolver.setServers([labHost(host).privateAddress]);
  }

  /** Addresses, sorted; a failed answer is its code alone, such as `ENOTFOUND` or `ESERVFAIL`. */
  async a(name: string): Promise<readonly string[]> {
    try {
      return (await this.#resolver.resolve4(name)).sort();
    } catch (error) {
      return [(error as { code?: string }).code ?? String(error)];
    }
  }

  /** The data of the records that dig prints, sorted. */
  dig(name: string, type: string): readonly string[] {
    const server = `@${labHost(this.#host).privateAddress}`;
    const lines = onHost(this.#host, "dig", "+short", server, name, type).split("\n");
    return lines.filter(Boolean).sort();
  }
}

/** Asks until the answer is as wanted; fails with the last one after 60 s. */
export async function eventuallyAnswers(
  ask: () => Promise<readonly string[]>,
  isWanted: (answer: readonly string[]) => boolean,
): Promise<readonly string[]> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const answer = await ask();
    if (isWanted(answer)) return answer;
    if (Date.now() > deadline) throw new Error(`still answered after 60 s: ${answer.join("; ")}`);
    await sleep(200);
  }
}
