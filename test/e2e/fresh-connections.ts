import { Agent, request } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import type { TLSSocket } from "node:tls";

/** One request on a TLS connection of its own. */
export function getOverTls(
  address: string,
  name: string,
): Promise<{ readonly status: number; readonly body: string; readonly fingerprint: string }> {
  return new Promise((resolve, reject) => {
    const options = {
      host: address,
      servername: name,
      headers: { host: name },
      agent: new Agent({ keepAlive: false, maxCachedSessions: 0 }),
      rejectUnauthorized: false,
      timeout: 20_000,
    };
    const sent = request(options, (response) => {
      const { fingerprint256 } = (response.socket as TLSSocket).getPeerCertificate();
      let body = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        body += chunk;
      });
      response.on("error", reject);
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, body, fingerprint: fingerprint256 }),
      );
    });
    sent.on("timeout", () => sent.destroy(new Error("no answer within 20 s")));
    sent.on("error", reject);
    sent.end();
  });
}

/**
 * Asks every address without pause, each time on a fresh connection: before, while and after the task runs.
 *
 * @returns what was not answered well
 */
export async function whileConnecting(
  addresses: readonly string[],
  name: string,
  task: () => Promise<unknown>,
): Promise<readonly string[]> {
  const failed: string[] = [];
  const askOnce = async (address: string) => {
    const failure = await getOverTls(address, name).then(
      ({ status }) => (status === 200 ? undefined : `status ${status}`),
      (error: Error) => error.message,
    );
    if (failure !== undefined) failed.push(`${address}: ${failure}`);
    await sleep(10);
  };
  const askAll = () => Promise.all(addresses.map(askOnce));
  await askAll();
  let isOver = false;
  const clients = addresses.map(async (address) => {
    while (!isOver) await askOnce(address);
  });
  await task();
  isOver = true;
  await Promise.all(clients);
  await askAll();
  return failed;
}
