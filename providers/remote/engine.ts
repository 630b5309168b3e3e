import { connect } from "node:net";

const EVERY_SECONDS = 1;
let isWatching = false;

/**
 * Ends this process when Pulumi's engine is gone. After a kill -9 nobody else would: the logins would stay open, and what
 * waits for its turn in a rollout would begin. Scripts at work on hosts go on to their end.
 *
 * @param address where the engine listens: the first argument that it gives to a provider
 */
export function endWithEngine(address = ""): void {
  const [, host, port] = /^([\d.]+):(\d+)$/.exec(address) ?? [];
  if (isWatching || host === undefined) return;
  isWatching = true;
  setInterval(() => endWhenRefused(host, Number(port)), EVERY_SECONDS * 1000).unref();
}

function endWhenRefused(host: string, port: number): void {
  const socket = connect({ host, port });
  socket.once("connect", () => socket.destroy());
  socket.once("error", ({ code }: NodeJS.ErrnoException) => {
    if (code === "ECONNREFUSED") process.exit(1);
  });
}
