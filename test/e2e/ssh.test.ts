import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import type { Credentials } from "../../providers/remote/credentials.ts";
import { Pool } from "../../providers/remote/pool.ts";
import { packTar } from "../../providers/remote/tar.ts";
import type { Connection } from "../../providers/spec/connection.ts";
import { BreakableLine } from "./breakable-line.ts";
import { eventually } from "./eventually.ts";
import { labConnection, labKey } from "./lab-connection.ts";
import { onHost, tryOnHost } from "./lab-environment.ts";
import { labHost } from "./services-stack.ts";
import { startAgent } from "./ssh-agent.ts";

const HOST = "front-2";
const SERVERS = readFileSync(new URL("ssh-servers.sh", import.meta.url), "utf8");
const folder = mkdtempSync(join(tmpdir(), "rundock-ssh-"));
const inFolder = (name: string) => join(folder, name);
const privateKey = labKey();
const { address } = labConnection(HOST);
const pools: Pool[] = [];
const lines: BreakableLine[] = [];

before(() => {
  onHost(HOST, "sh", "-c", SERVERS, "sh", "up");
  writeFileSync(inFolder("empty"), "");
});

after(async () => {
  for (const line of lines) line.close();
  await Promise.all(pools.map((pool) => pool.close()));
  onHost(HOST, "sh", "-c", SERVERS, "sh", "down");
  rmSync(folder, { recursive: true });
});

/** Logs in with the stack's key, and knows only pinned hosts, unless told otherwise. */
function newPool(credentials: Credentials = { privateKey }): Pool {
  const pool = new Pool({ knownHosts: inFolder("empty"), ...credentials });
  pools.push(pool);
  return pool;
}

async function newLine(refusals = 0, listenAt = "127.0.0.1"): Promise<[BreakableLine, number]> {
  const line = new BreakableLine({ host: address, port: 22 }, refusals);
  lines.push(line);
  return [line, await line.open(listenAt)];
}

/** The host's server at port 2201, pinned to its key of this type. */
function severalKeys(type = "ed25519"): Connection {
  return { ...labConnection(HOST), port: 2201, hostKey: serverKey(type) };
}

const unpinned = ({ hostKey: _, ...connection }: Connection): Connection => connection;

function serverKey(type: string): string {
  return onHost(HOST, "cat", `/run/ssh-servers/${type}.pub`).trim();
}

function fingerprintOf(type: string): string {
  return onHost(HOST, "ssh-keygen", "-l", "-f", `/run/ssh-servers/${type}.pub`).split(" ")[1] ?? "";
}

function writeKnownHosts(name: string, ...content: string[]): string {
  writeFileSync(inFolder(name), `${content.join("\n")}\n`);
  return inFolder(name);
}

async function runOn(pool: Pool, connection: Connection, script: string): Promise<string> {
  const session = await pool.session(connection);
  const words = ["sh", "-c", script];
  const { stdout } = await session.run(connection.name ?? "", { words, deadlineSeconds: 120 });
  return stdout.toString().trim();
}

async function messageOf(failing: Promise<unknown>): Promise<string> {
  return failing.then(
    () => assert.fail("it worked"),
    (error: Error) => error.message,
  );
}

describe("SSH", { concurrency: true }, () => {
  test("bytes go in and come out unchanged, with the exit code, through a jump host", async () => {
    const stdin = Buffer.from(Array.from({ length: 200_000 }, (_, index) => index % 256));
    const session = await newPool().session(labConnection("back-3"));
    const result = await session.run("back-3", {
      words: ["sh", "-c", "cat; exit 7"],
      stdin,
      deadlineSeconds: 120,
    });
    assert.ok(result.stdout.equals(stdin));
    assert.equal(result.code, 7);
  });

  test("no answer is lost, however quick the command, and more may be asked for than sshd has channels", async () => {
    const session = await newPool().session(labConnection(HOST));
    const run = () => session.run(HOST, { words: ["echo", "yes"], deadlineSeconds: 120 });
    const answers = await Promise.all(Array.from({ length: 300 }, run));
    assert.ok(answers.every(({ code, stdout }) => code === 0 && stdout.toString() === "yes\n"));
  });

  test("a command that does not end is given up at its deadline", async () => {
    const session = await newPool().session(labConnection(HOST));
    await assert.rejects(
      session.run(HOST, { words: ["sleep", "30"], deadlineSeconds: 1 }),
      /front-2: could not run sleep: it did not end within 1 s\n {2}Whether it did all it should is not known: `pulumi up`/,
    );
  });

  describe("host keys", { concurrency: true }, () => {
    test("a pinned key of any type is asked for", async () => {
      for (const type of ["ed25519", "ecdsa", "rsa"]) {
        assert.equal(await runOn(newPool(), severalKeys(type), "echo in"), "in", type);
      }
    });

    test("a host with another key than the pinned one is refused", async () => {
      const impostor = { ...severalKeys(), hostKey: labConnection("front-1").hostKey ?? "" };
      const message = await messageOf(newPool().session(impostor));
      assert.match(
        message,
        /^front-2 \(root@[\d.]+:2201\): could not verify the host key: it shows ssh-ed25519 SHA256:/,
      );
      assert.ok(message.includes(fingerprintOf("ed25519")), message);
    });

    test("a server that has no key of the pinned type is refused", async () => {
      const message = await messageOf(
        newPool().session({ ...labConnection(HOST), hostKey: serverKey("rsa") }),
      );
      assert.match(
        message,
        /could not verify the host key: it has no key of the type that hostKey pins: ssh-rsa\n/,
      );
    });

    test("a host is known from a hashed known_hosts file, by the one type of key that is there", async () => {
      const knownHosts = writeKnownHosts("hashed", `[${address}]:2201 ${serverKey("rsa")}`);
      execFileSync("ssh-keygen", ["-q", "-H", "-f", knownHosts], { stdio: "ignore" });
      assert.match(readFileSync(knownHosts, "utf8"), /^\|1\|/);
      assert.equal(
        await runOn(newPool({ privateKey, knownHosts }), unpinned(severalKeys()), "echo in"),
        "in",
      );
    });

    test("a host that is neither pinned nor known is refused with its fingerprint and the file, which stays as it is", async () => {
      const message = await messageOf(newPool().session(unpinned(severalKeys())));
      assert.match(
        message,
        /could not verify the host key: it shows ssh-ed25519 SHA256:\S+, no hostKey is pinned, and /,
      );
      for (const part of [fingerprintOf("ed25519"), `${inFolder("empty")} does not have [${address}]:2201`]) {
        assert.ok(message.includes(part), message);
      }
      assert.match(message, /ssh-keygen -l -f \/etc\/ssh\/ssh_host_ed25519_key\.pub\n.*set hostKey/);
      assert.equal(readFileSync(inFolder("empty"), "utf8"), "");
    });

    test("a host with another key than the known one is refused, with the line", async () => {
      const knownHosts = writeKnownHosts(
        "other",
        "# a comment",
        `[${address}]:2201 ${labConnection("front-1").hostKey}`,
      );
      const message = await messageOf(newPool({ privateKey, knownHosts }).session(unpinned(severalKeys())));
      assert.match(
        message,
        /it shows ssh-ed25519 SHA256:\S+, which is not as \S+other knows it \(line 2: ssh-ed25519 SHA256:/,
      );
    });

    test("a revoked key is refused, a pinned one too", async () => {
      const knownHosts = writeKnownHosts("revoked", `@revoked * ${serverKey("ed25519")}`);
      const message = await messageOf(newPool({ privateKey, knownHosts }).session(severalKeys()));
      assert.match(
        message,
        /could not verify the host key: it shows \S+ \S+, which \S+ marks as revoked in line 1\n/,
      );
    });

    test("an authority for certificates does not make a host known, and the error says so", async () => {
      const knownHosts = writeKnownHosts("authority", `@cert-authority * ${serverKey("ed25519")}`);
      const message = await messageOf(newPool({ privateKey, knownHosts }).session(unpinned(severalKeys())));
      assert.match(
        message,
        /no hostKey is pinned.*\n {2}Line 1 is a @cert-authority, which Rundock does not use/,
      );
    });
  });

  describe("keys", { concurrency: true }, () => {
    test("an encrypted key is opened by its passphrase, and by no other", async () => {
      const path = inFolder("encrypted");
      writeFileSync(path, privateKey, { mode: 0o600 });
      execFileSync("ssh-keygen", ["-q", "-p", "-P", "", "-N", "correct horse", "-f", path], {
        stdio: "ignore",
      });
      const login = (passphrase?: string) =>
        newPool({ privateKeyFile: path, ...(passphrase ? { passphrase } : {}) }).session(severalKeys());
      await login("correct horse");
      assert.match(
        await messageOf(login("wrong horse")),
        /rundock:sshKeyPassphrase does not open the key in \S+encrypted/,
      );
      assert.match(
        await messageOf(login()),
        /the key in \S+encrypted is encrypted, and there is no passphrase\n.*sshKeyPassphrase/,
      );
    });

    test("a key that the host does not know is refused once, with the login", async () => {
      newKey("stranger");
      const [line, port] = await newLine();
      const pool = newPool({ privateKeyFile: inFolder("stranger") });
      const message = await messageOf(pool.session({ ...labConnection(HOST), address: "127.0.0.1", port }));
      assert.match(message, /could not log in: it does not take the key in \S+stranger for the user root\n/);
      assert.equal(line.count, 1);
    });

    test("the agent's key is taken where there is no other", async () => {
      const agent = await startAgent(inFolder("agent"), privateKey);
      try {
        assert.equal(await runOn(newPool({ agent: inFolder("agent") }), severalKeys(), "echo in"), "in");
      } finally {
        agent.stop();
      }
    });

    test("an agent with more keys than the server lets try is told what to do", async () => {
      const strangers = Array.from({ length: 7 }, (_, index) => newKey(`stranger-${index}`));
      const agent = await startAgent(inFolder("full-agent"), ...strangers, privateKey);
      try {
        const message = await messageOf(newPool({ agent: inFolder("full-agent") }).session(severalKeys()));
        assert.match(
          message,
          /the server ended the login: .*Too many authentication failures\n.*rundock:sshKey/,
        );
      } finally {
        agent.stop();
      }
    });

    test("an agent without the key, and one that is gone, are told apart", async () => {
      const agent = await startAgent(inFolder("empty-agent"));
      const login = () => messageOf(newPool({ agent: inFolder("empty-agent") }).session(severalKeys()));
      assert.match(
        await login(),
        /could not log in: it does not take any key of the SSH agent at \S+empty-agent for/,
      );
      agent.stop();
      const gone = newPool({ agent: inFolder("no-agent") }).session(severalKeys());
      assert.match(
        await messageOf(gone),
        /could not connect over SSH: the SSH agent at \S+no-agent does not answer/,
      );
    });
  });

  describe("sudo", { concurrency: true }, () => {
    test("a login with sudo does as root does, with an archive on stdin", async () => {
      const session = await newPool().session({ ...labConnection(HOST), user: "deploy" });
      const words = ["sh", "-c", 'id -u; umask; tar -xOf - "$1"', "sh", "a file's name"];
      const stdin = await packTar({ "a file's name": { content: "as it was\n", mode: 0o600 } });
      const { stdout, stderr } = await session.run(HOST, { words, stdin, deadlineSeconds: 120 });
      assert.deepEqual([stdout.toString(), stderr], ["0\n0022\nas it was\n", ""]);
    });

    test("a login that sudo asks for a password is told what to write where", async () => {
      const session = await newPool().session({ ...labConnection(HOST), user: "clerk" });
      const message = await messageOf(
        session.run(HOST, { words: ["touch", "/etc/never"], deadlineSeconds: 120 }),
      );
      assert.match(
        message,
        /^front-2 \(clerk@[\d.]+:22\): could not become root: sudo does not let clerk do it/,
      );
      assert.match(
        message,
        /\n {2}sudo: .*\n {2}Write into \/etc\/sudoers\.d\/rundock .*: clerk ALL=\(root\) NOPASSWD: ALL$/,
      );
    });
  });

  describe("jump hosts", { concurrency: true }, () => {
    const jump = labConnection("front-1");
    const within = (connection: Connection, name = "inner"): Connection => ({
      ...labConnection(HOST),
      name,
      jump: connection,
    });

    test("a chain of two leads to an IPv6 address with a port that is known", async () => {
      const knownHosts = writeKnownHosts("six", `10.99.0.2,[::1]:2222 ${serverKey("ed25519")}`);
      const first = unpinned({
        ...labConnection(HOST),
        name: "six-gate",
        address: "10.99.0.2",
        jump: labConnection(HOST),
      });
      const second = { ...first, name: "six", address: "::1", port: 2222, jump: first };
      assert.match(
        await runOn(newPool({ privateKey, knownHosts }), second, "echo $SSH_CONNECTION"),
        /^::1 \d+ ::1 2222$/,
      );
    });

    test("a dead jump host is named for each host behind it, and asked only once", async () => {
      const [line, port] = await newLine(1000);
      const pool = newPool();
      const gone: Connection = { ...jump, name: "gone-1", address: "127.0.0.1", port };
      const behind = ["inner-1", "inner-2"].map((name, index) => ({
        ...within(gone, name),
        port: 22 + index,
      }));
      const login = () => Promise.all(behind.map((connection) => messageOf(pool.session(connection))));
      const messages = await login();
      for (const [index, message] of messages.entries()) {
        assert.match(
          message,
          new RegExp(`^inner-${index + 1} \\(root@[\\d.]+:\\d+, through gone-1\\): could not connect`),
        );
        assert.match(
          message,
          /: its jump host gone-1 cannot be used\n {2}gone-1 \(root@127\.0\.0\.1:\d+\): could not connect/,
        );
      }
      assert.deepEqual(await login(), messages);
      assert.equal(line.count, 4);
    });

    test("what the jump host cannot reach is told with the jump host's reason", async () => {
      const closed = { ...within(jump), port: 2202 };
      const message = await messageOf(newPool().session(closed));
      assert.match(
        message,
        /:2202, through front-1\): could not connect over SSH: front-1 cannot reach it \(Connection refused\)\n/,
      );
    });

    test("a jump host that lets nothing through is told, with the setting", async () => {
      const message = await messageOf(newPool().session(within(severalKeys())));
      assert.match(message, /front-2 does not let connections through \(.*\)\n.*AllowTcpForwarding yes/);
    });

    test("a silent host behind a jump host is given up", async () => {
      const silent = { ...within(jump), address: labHost(HOST).privateAddress, port: 2299 };
      assert.match(
        await messageOf(newPool().session(silent)),
        /front-1 cannot reach it \(no answer within 15 s\)/,
      );
    });
  });

  describe("networks", { concurrency: true }, () => {
    test("a port where nothing listens says which and what to do", async () => {
      const closed = { ...labConnection(HOST), port: 2202 };
      const message = await messageOf(newPool().session(closed));
      assert.match(
        message,
        /^front-2 \(root@[\d.]+:2202\): could not connect over SSH: nothing listens there \(ECONNREFUSED\)\n {2}Check/,
      );
    });

    test("a name that is not known is final", async () => {
      const unknown = { ...labConnection(HOST), address: "nowhere.invalid" };
      assert.match(
        await messageOf(newPool().session(unknown)),
        /the name nowhere\.invalid (is not known|could not be looked up)/,
      );
    });

    test("an address that swallows every packet is given up", async () => {
      const silent = { ...labConnection(HOST), port: 2299 };
      assert.match(
        await messageOf(newPool().session(silent)),
        /:2299\): could not connect over SSH: no answer within 15 s\n/,
      );
    });

    test("an IPv6 address of this machine, with a port", async () => {
      const [, port] = await newLine(0, "::1");
      const connection = unpinned({ ...labConnection(HOST), address: "::1", port });
      const knownHosts = writeKnownHosts("local-six", `[::1]:${port} ${labConnection(HOST).hostKey}`);
      assert.equal(await runOn(newPool({ privateKey, knownHosts }), connection, "hostname"), HOST);
      const message = await messageOf(newPool().session(connection));
      assert.ok(message.includes(`(root@[::1]:${port})`) && message.includes(`have [::1]:${port}`), message);
    });

    test("a connection that is cut before the login is tried again", async () => {
      const [line, port] = await newLine(2);
      const connection = { ...labConnection(HOST), address: "127.0.0.1", port };
      assert.equal(await runOn(newPool(), connection, "echo in"), "in");
      assert.equal(line.count, 3);
    });

    test("a server that goes on cutting connections is given up", async () => {
      const [line, port] = await newLine(1000);
      const message = await messageOf(
        newPool().session({ ...labConnection(HOST), address: "127.0.0.1", port }),
      );
      assert.match(
        message,
        /could not connect over SSH: (the server closed the connection|the connection was cut) before the login/,
      );
      assert.equal(line.count, 4);
    });

    test("a link that breaks under a command is told, and the next command gets a new one", async () => {
      const [line, port] = await newLine();
      const pool = newPool();
      const connection = { ...labConnection(HOST), address: "127.0.0.1", port };
      await Promise.all([1, 2, 3].map(() => runOn(pool, connection, "echo in")));
      assert.equal(line.count, 1, "all of a host share one connection");
      const running = messageOf(runOn(pool, connection, "sleep 95.125"));
      await hasBegun("sleep 95.125");
      line.cut();
      assert.match(
        await running,
        /^front-2: could not run sh: the SSH connection was lost before it ended\n {2}Whether .* not known: `pulumi up` again/,
      );
      assert.equal(await runOn(pool, connection, "echo in"), "in");
    });
  });
});

function newKey(name: string): string {
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", inFolder(name)]);
  return readFileSync(inFolder(name), "utf8");
}

function hasBegun(command: string): Promise<void> {
  return eventually(`${command} runs`, () => tryOnHost(HOST, "pgrep", "-f", command).status === 0);
}
