import { Resolver } from "node:dns/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { labHost } from "../e2e/services-stack.ts";

/** The addresses that a host's CoreDNS answers for the name; none when it has none, undefined when it does not answer. */
export async function addressesAt(host: string, name: string): Promise<readonly string[] | undefined> {
  const resolver = new Resolver({ timeout: 500, tries: 1 });
  resolver.setServers([labHost(host).privateAddress]);
  try {
    return await resolver.resolve4(name);
  } catch (error) {
    return ["ENOTFOUND", "ENODATA"].includes((error as { code?: string }).code ?? "") ? [] : undefined;
  }
}

/** Seconds until the name's addresses at a host's CoreDNS are as wanted. */
export async function secondsUntil(
  host: string,
  name: string,
  wanted: (addresses: readonly string[]) => boolean,
): Promise<number> {
  const start = performance.now();
  for (;;) {
    const addresses = await addressesAt(host, name);
    if (addresses !== undefined && wanted(addresses)) return (performance.now() - start) / 1000;
    if (performance.now() - start > 120_000) return Number.POSITIVE_INFINITY;
    await sleep(20);
  }
}
