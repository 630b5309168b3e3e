import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { test } from "node:test";
import { AttemptError } from "../../../providers/remote/attempt-error.ts";
import { shakeHands } from "../../../providers/remote/handshake.ts";
import { trustIn } from "../../../providers/remote/host-key-trust.ts";

const connection = { name: "back-1", address: "127.0.0.1", port: 22, user: "root" };
const login = { from: "the SSH agent", agent: "/nowhere" };

/** The failure of a handshake with a server that does this with each connection. */
async function failureWith(serve: (socket: Socket) => void): Promise<AttemptError> {
  const server = createServer(serve).listen(0, "127.0.0.1");
  await once(server, "listening");
  const stream = connect((server.address() as AddressInfo).port, "127.0.0.1");
  try {
    await shakeHands(stream, { connection, login, trust: trustIn(connection, "/dev/null") }, 0.5);
  } catch (error) {
    assert.ok(error instanceof AttemptError, String(error));
    assert.ok(stream.destroyed);
    return error;
  } finally {
    server.close();
  }
  assert.fail("it worked");
}

test("a port that takes the connection and says nothing is told from one that is silent, and tried again", async () => {
  const { message, isTransient } = await failureWith((socket) => socket.resume());
  assert.match(message, /^it answers, but no SSH login was done within/);
  assert.ok(isTransient);
});

test("a server that closes the connection before the login may have too many, and is tried again", async () => {
  for (const serve of [
    (socket: Socket) => socket.end("Exceeded MaxStartups\r\n"),
    (socket: Socket) => socket.end("SSH-2.0-OpenSSH_9.2\r\n"),
    (socket: Socket) => socket.resetAndDestroy(),
  ]) {
    const { message, isTransient } = await failureWith(serve);
    assert.match(
      message,
      /^(the server closed the connection|the connection was cut) before the login was done/,
    );
    assert.ok(isTransient, message);
  }
});

test("a server that speaks something else is final", async () => {
  for (const text of ["SSH-1.0-ancient\r\n", "SSH-2.0-garbled\r\nand no packet follows, but words\r\n"]) {
    const { message, isTransient } = await failureWith((socket) => socket.on("error", () => {}).end(text));
    assert.match(message, /^it does not speak SSH as it is spoken here \(/);
    assert.ok(!isTransient, message);
  }
});
