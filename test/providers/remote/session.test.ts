import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Session } from "../../../providers/remote/session.ts";

const connection = { name: "back-1", address: "127.0.0.1", port: 22, user: "root" };

/** The SSH library's part: each command is a channel that ends after a moment. */
class FakeSsh {
  open = 0;
  most = 0;
  readonly connection = {
    exec: (_: string, taken: (error: undefined, channel: unknown) => void) => this.exec(taken),
  };

  async exec(taken: (error: undefined, channel: unknown) => void): Promise<void> {
    this.open += 1;
    this.most = Math.max(this.most, this.open);
    const channel = Object.assign(new EventEmitter(), {
      stderr: new EventEmitter(),
      end: () => {},
      close: () => {},
    });
    taken(undefined, channel);
    await sleep(2);
    this.open -= 1;
    channel.emit("exit", 0);
    channel.emit("close", 0);
  }
}

test("eight commands at most run on one login, whose server allows ten, and all run", async () => {
  const ssh = new FakeSsh();
  const session = new Session(ssh as never, connection);
  const run = () => session.run("back-1", { words: ["true"], deadlineSeconds: 5 });
  const results = await Promise.all(Array.from({ length: 50 }, run));
  assert.ok(results.every(({ code }) => code === 0));
  assert.equal(ssh.most, 8);
});
