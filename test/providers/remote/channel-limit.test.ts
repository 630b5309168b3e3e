import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { ChannelLimit } from "../../../providers/remote/channel-limit.ts";

test("no more than the limit run at once, and all run", async () => {
  const limit = new ChannelLimit(3);
  let running = 0;
  let most = 0;
  const task = async (index: number) => {
    running += 1;
    most = Math.max(most, running);
    await sleep(1);
    running -= 1;
    return index;
  };
  const results = await Promise.all(Array.from({ length: 20 }, (_, index) => limit.run(() => task(index))));
  assert.deepEqual(
    results,
    Array.from({ length: 20 }, (_, index) => index),
  );
  assert.equal(most, 3);
});

test("a failed task gives its place back", async () => {
  const limit = new ChannelLimit(1);
  await assert.rejects(
    limit.run(() => Promise.reject(new Error("no"))),
    /no/,
  );
  assert.equal(await limit.run(async () => 7), 7);
});
