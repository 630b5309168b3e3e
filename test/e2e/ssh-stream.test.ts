import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { eventually } from "./eventually.ts";
import { labConnection, labPool } from "./lab-connection.ts";
import { onHost } from "./lab-environment.ts";

const HOST = "back-2";
const MEGABYTE = Buffer.alloc(1024 * 1024, 7);

const pool = labPool();
after(() => pool.close());

async function run(script: string, stdin: Readable) {
  const session = await pool.session(labConnection(HOST));
  return session.run(HOST, { words: ["sh", "-c", script], stdin, deadlineSeconds: 120 });
}

test("a stream arrives whole, and is read no faster than the host takes it", async () => {
  let sent = 0;
  function* pieces() {
    for (; sent < 48; sent += 1) yield MEGABYTE;
  }
  const gate = "/tmp/e2e-stream-gate";
  const running = run(`until rm ${gate} 2>/dev/null; do sleep 0.1; done; wc -c`, Readable.from(pieces()));
  await eventually("the session takes the stream", () => sent > 0);
  // Long enough for a session that does not wait to read everything; one that waits never does, however long.
  await sleep(500);
  const sentWhileHeld = sent;
  onHost(HOST, "touch", gate);
  const { code, stdout } = await running;
  assert.deepEqual([code, stdout.toString().trim()], [0, String(48 * MEGABYTE.length)]);
  assert.ok(sentWhileHeld < 24, `${sentWhileHeld} MiB were read while the host took none`);
});

test("a command that ends early gives its exit code, and the stream is let go", async () => {
  const endless = new Readable({
    read() {
      this.push(MEGABYTE);
    },
  });
  const { code, stderr } = await run("head -c 10 >/dev/null; echo enough >&2; exit 3", endless);
  assert.deepEqual([code, stderr], [3, "enough\n"]);
  assert.ok(endless.destroyed);
});

test("a stream that breaks off is an error, and not an end", async () => {
  const broken = new Readable({
    read() {
      this.push(MEGABYTE);
      this.destroy(new Error("the disk is gone"));
    },
  });
  await assert.rejects(run("cat >/dev/null", broken), /the disk is gone/);
});
