import type { RecordWithTtl } from "node:dns";
import { Resolver } from "node:dns/promises";
import { setTimeout as sleep } from "node:timers/promises";

/** The addresses that a server answers for the name; none when it has none, undefined when it does not answer. */
async function addressesAt(server: string, name: string): Promise<readonly RecordWithTtl[] | undefined> {
  const resolver = new Resolver({ timeout: 500, tries: 1 });
  resolver.setServers([server]);
  try {
    return await resolver.resolve4(name, { ttl: true });
  } catch (error) {
    return ["ENOTFOUND", "ENODATA"].includes((error as { code?: string }).code ?? "") ? [] : undefined;
  }
}

/** Seconds until the name's addresses at a server are as wanted. */
export async function secondsUntil(
  server: string,
  name: string,
  wanted: (addresses: readonly string[]) => boolean,
): Promise<number> {
  return secondsUntilAnswer(server, name, (records) => wanted(records.map(({ address }) => address)));
}

/** Seconds until an address is gone from a server's answers, and until nobody may keep an answer that has it. */
export async function secondsUntilForgotten(
  server: string,
  name: string,
  address: string,
): Promise<{ readonly gone: number; readonly forgotten: number }> {
  const start = performance.now();
  let forgotten = 0;
  const gone = await secondsUntilAnswer(server, name, (records) => {
    const found = records.find((record) => record.address === address);
    if (found === undefined) return true;
    forgotten = (performance.now() - start) / 1000 + found.ttl;
    return false;
  });
  return { gone, forgotten: Math.max(gone, forgotten) };
}

async function secondsUntilAnswer(
  server: string,
  name: string,
  isWanted: (records: readonly RecordWithTtl[]) => boolean,
): Promise<number> {
  const start = performance.now();
  for (;;) {
    const records = await addressesAt(server, name);
    if (records !== undefined && isWanted(records)) return (performance.now() - start) / 1000;
    if (performance.now() - start > 120_000) return Number.POSITIVE_INFINITY;
    await sleep(20);
  }
}
