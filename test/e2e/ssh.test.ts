import assert from "node:assert/strict";
import { after, test } from "node:test";
import { labConnection, labPool } from "./lab-connection.ts";

const pool = labPool();
after(() => pool.close());

test("bytes go in and come out unchanged, with the exit code, through a jump host", async () => {
  const stdin = Buffer.from(Array.from({ length: 200_000 }, (_, index) => index % 256));
  const session = await pool.session(labConnection("back-1"));
  const result = await session.run("back-1", {
    words: ["sh", "-c", "cat; exit 7"],
    stdin,
    deadlineSeconds: 20,
  });
  assert.ok(result.stdout.equals(stdin));
  assert.equal(result.code, 7);
});

test("no answer is lost, however quick the command, and more may be asked for than sshd has channels", async () => {
  const session = await pool.session(labConnection("front-1"));
  const run = () => session.run("front-1", { words: ["echo", "yes"], deadlineSeconds: 20 });
  const answers = await Promise.all(Array.from({ length: 300 }, run));
  assert.ok(answers.every(({ code, stdout }) => code === 0 && stdout.toString() === "yes\n"));
});

test("a host with another key is refused", async () => {
  const impostor = { ...labConnection("front-2"), hostKey: labConnection("front-1").hostKey };
  await assert.rejects(pool.session(impostor), /could not verify the host key: it shows SHA256:/);
});

test("a port where nothing listens says which and what to do", async () => {
  const closed = { ...labConnection("front-2"), port: 2222 };
  await assert.rejects(pool.session(closed), /:2222: could not connect over SSH: .*ECONNREFUSED/);
});

test("a command that does not end is given up at its deadline", async () => {
  const session = await pool.session(labConnection("front-1"));
  await assert.rejects(
    session.run("front-1", { words: ["sleep", "30"], deadlineSeconds: 1 }),
    /front-1: could not run sleep: it did not end within 1 s/,
  );
});
