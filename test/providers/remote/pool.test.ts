import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { after, before, test } from "node:test";
import { Pool } from "../../../providers/remote/pool.ts";
import type { Connection } from "../../../providers/spec/connection.ts";

const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIP2KuHNQAthckGJD6X3WLdZWExB1N/H82u57qEtvbmBi";
/** Not an SSH server: it says so, which is final. */
let asked = 0;
const server = createServer((socket) => {
  asked += 1;
  socket.on("error", () => {}).end("SSH-1.0-too-old\r\n");
});

before(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
});
after(() => server.close());

function connectionTo(name: string): Connection {
  const { port } = server.address() as AddressInfo;
  return { name, address: "127.0.0.1", port, user: "root", hostKey: KEY };
}

test("a host that could not be reached is not tried again at once, by those who ask at the same time or later", async () => {
  const pool = new Pool({ agent: "/nowhere", knownHosts: "/dev/null" });
  const login = () => pool.session(connectionTo("back-1")).catch((error: Error) => error);
  const [first, second] = await Promise.all([login(), login()]);
  assert.match((first as Error).message, /^back-1 \(root@127\.0\.0\.1:\d+\): could not connect over SSH: /);
  assert.equal(second, first);
  assert.equal(await login(), first);
  assert.equal(asked, 1);
});

test("what is missing for any login is told before a host is asked", async () => {
  const before = asked;
  for (const [credentials, pattern] of [
    [{}, /back-2 .*: could not connect over SSH: there is no key to log in with/],
    [{ agent: "/nowhere", knownHosts: "/nowhere" }, /back-2 .*: could not verify the host key: .*ENOENT/],
  ] as const) {
    await assert.rejects(new Pool(credentials).session(connectionTo("back-2")), pattern);
  }
  assert.equal(asked, before);
});
