import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { test } from "node:test";

/** A provider that has something to do for ever. */
const PROVIDER = `
import { endWithEngine } from "${new URL("../../../providers/remote/engine.ts", import.meta.url)}";
endWithEngine(process.argv[1]);
setInterval(() => {}, 1000);
`;

test("a provider ends when its engine is gone, and not before", async () => {
  const engine = createServer((socket) => socket.destroy()).listen(0, "127.0.0.1");
  await once(engine, "listening");
  const { port } = engine.address() as AddressInfo;
  const provider = spawn(process.execPath, ["--input-type=module", "--eval", PROVIDER, `127.0.0.1:${port}`]);
  const ended = once(provider, "exit");
  await once(engine, "connection");
  await once(engine, "connection");
  assert.equal(provider.exitCode, null);
  engine.close();
  assert.deepEqual(await ended, [1, null]);
});
