import { Resolver } from "node:dns/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { labHost } from "./services-stack.ts";

/** The CoreDNS on a lab host. */
export class NameServer {
  readonly #resolver = new Resolver({ timeout: 2000, tries: 1 });

  constructor(host: string) {
    this.#resolver.setServers([labHost(host).privateAddress]);
  }

  /** Each as `PRIORITY WEIGHT PORT TARGET`, sorted; a failed answer is its code alone, such as `ENOTFOUND` or `ESERVFAIL`. */
  srv(name: string): Promise<readonly string[]> {
    return answerOf(async () =>
      (await this.#resolver.resolveSrv(name)).map(
        ({ priority, weight, port, name: target }) => `${priority} ${weight} ${port} ${target}`,
      ),
    );
  }

  /** Addresses, sorted; a failed answer is its code alone. */
  a(name: string): Promise<readonly string[]> {
    return answerOf(() => this.#resolver.resolve4(name));
  }

  /** Texts, sorted; a failed answer is its code alone. */
  txt(name: string): Promise<readonly string[]> {
    return answerOf(async () => (await this.#resolver.resolveTxt(name)).map((parts) => parts.join("")));
  }
}

async function answerOf(ask: () => Promise<string[]>): Promise<readonly string[]> {
  try {
    return (await ask()).sort();
  } catch (error) {
    return [(error as { code?: string }).code ?? String(error)];
  }
}

/** Asks until the answer is as wanted; fails with the last one after 30 s. */
export async function eventuallyAnswers(
  ask: () => Promise<readonly string[]>,
  isWanted: (answer: readonly string[]) => boolean,
): Promise<readonly string[]> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const answer = await ask();
    if (isWanted(answer)) return answer;
    if (Date.now() > deadline) throw new Error(`still answered after 30 s: ${answer.join("; ")}`);
    await sleep(200);
  }
}
