import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import type { ServerResponse } from "node:http";
import { connect, createServer } from "node:net";
import { after, before, beforeEach, test } from "node:test";
import { type RegistryAccess, resolveDigest } from "../../../providers/remote/registry-client.ts";
import { parseImageReference } from "../../../providers/spec/image-reference.ts";
import { FakeRegistry } from "./fake-registry.ts";

const BODY = '{"schemaVersion":2}';
const DIGEST = `sha256:${createHash("sha256").update(BODY).digest("hex")}`;
const OTHER = `sha256:${"0".repeat(64)}`;
const LOGIN = { username: "deploy", password: "correct-horse-battery" };
const BASIC = `Basic ${Buffer.from("deploy:correct-horse-battery").toString("base64")}`;

const registry = new FakeRegistry();
before(() => registry.start());
after(() => registry.stop());
beforeEach(() => registry.asked.splice(0));

function resolve(image = "team/web:1", access: Partial<RegistryAccess> = {}): Promise<string> {
  const reference = parseImageReference(`${registry.host}/${image}`);
  return resolveDigest("registry", reference, {
    login: null,
    insecure: false,
    route: { deadlineSeconds: 5 },
    ...access,
  });
}

function sendManifest(response: ServerResponse, headers: Record<string, string> = {}): void {
  response.writeHead(200, { "Docker-Content-Digest": DIGEST, ...headers }).end(BODY);
}

function challenge(response: ServerResponse, text: string | string[]): void {
  response.writeHead(401, { "WWW-Authenticate": text }).end();
}

test("the headers are asked for with the kinds that Docker takes, and name the digest", async () => {
  let accepted = "";
  registry.answer = (request, response) => {
    accepted = request.headers.accept ?? "";
    sendManifest(response);
  };
  assert.equal(await resolve(), DIGEST);
  assert.deepEqual(registry.asked, ["HEAD /v2/team/web/manifests/1"]);
  for (const kind of [
    "oci.image.index.v1",
    "oci.image.manifest.v1",
    "manifest.list.v2",
    "distribution.manifest.v2",
  ]) {
    assert.ok(accepted.includes(kind), kind);
  }
});

test("without a good header the digest is that of the body", async () => {
  for (const header of ["", "md5:1234"]) {
    registry.answer = ({ method }, response) => {
      const headers = method === "HEAD" ? { "Docker-Content-Digest": header } : {};
      response.writeHead(200, headers).end(BODY);
    };
    assert.equal(await resolve("web"), DIGEST);
    assert.equal(registry.asked.at(-1), "GET /v2/web/manifests/latest");
  }
});

test("a body of another digest than its header is refused", async () => {
  registry.answer = ({ method }, response) => {
    if (method === "HEAD") response.writeHead(405).end();
    else sendManifest(response, { "Docker-Content-Digest": OTHER });
  };
  await assert.rejects(resolve(), /could not resolve image .*web:1: it sends a manifest of another digest/);
});

test("a token of the token service opens what Bearer guards, without a login and with one", async () => {
  registry.answer = (request, response) => {
    const url = new URL(request.url ?? "", "http://localhost");
    if (url.pathname === "/token") {
      const { authorization = "nobody" } = request.headers;
      assert.equal(url.searchParams.get("scope"), "repository:team/web:pull,push");
      assert.equal(url.searchParams.get("service"), "the registry");
      return response.end(JSON.stringify({ access_token: Buffer.from(authorization).toString("hex") }));
    }
    const token = /^Bearer (\w+)$/.exec(request.headers.authorization ?? "")?.[1];
    const asks = `Bearer realm="http://${registry.host}/token",service="the registry",scope="repository:team/web:pull,push"`;
    if (token === undefined) return challenge(response, ['Basic realm="x"', asks]);
    const who = Buffer.from(token, "hex").toString();
    if (who === "nobody" || who === BASIC) return sendManifest(response);
    challenge(response, asks);
  };
  assert.equal(await resolve(), DIGEST);
  assert.equal(await resolve("team/web:1", { login: LOGIN }), DIGEST);
  await assert.rejects(
    resolve("team/web:1", { login: { ...LOGIN, password: "wrong-password" } }),
    (error: Error) =>
      /it refuses the login of "deploy"/.test(error.message) && !/wrong-pass/.test(error.message),
  );
});

test("a token service that refuses, or has no token to give, is told", async () => {
  let status = 403;
  registry.answer = (request, response) => {
    if (request.url?.startsWith("/token")) response.writeHead(status).end("{}");
    else challenge(response, `Bearer realm="http://${registry.host}/token",service="r"`);
  };
  await assert.rejects(resolve(), /it wants a login\n {2}Give `login`/);
  status = 200;
  await assert.rejects(resolve(), /its token service answers 200 without a token/);
});

test("a Basic registry gets the login once it asks, and its refusal never holds the password", async () => {
  registry.answer = ({ headers }, response) => {
    if (headers.authorization === BASIC) sendManifest(response);
    else challenge(response, 'Basic realm="Registry"');
  };
  assert.equal(await resolve("web", { login: LOGIN }), DIGEST);
  assert.equal(registry.asked.length, 2);
  await assert.rejects(resolve("web"), /it wants a login/);
  const wrong = resolve("web", { login: { username: "deploy", password: "wrong-password" } });
  await assert.rejects(wrong, (error: Error) => {
    const encoded = Buffer.from("deploy:wrong-password").toString("base64");
    assert.match(error.message, /it refuses the login of "deploy"/);
    return (
      ![error.message, error.stack].join().includes("wrong-password") && !error.message.includes(encoded)
    );
  });
});

test("an unknown tag and an unknown repository are told apart", async () => {
  let code = "MANIFEST_UNKNOWN";
  registry.answer = (_, response) => response.writeHead(404).end(JSON.stringify({ errors: [{ code }] }));
  await assert.rejects(
    resolve(),
    /could not resolve image .*\/team\/web:1: .* has no tag 1 of team\/web\n {2}Check/,
  );
  code = "NAME_UNKNOWN";
  await assert.rejects(resolve(), /has no repository team\/web\n/);
});

test("a busy registry and a broken connection are asked again, a few times", async () => {
  const failures: ((response: ServerResponse) => void)[] = [
    (response) => response.writeHead(500).end(),
    (response) => response.socket?.resetAndDestroy(),
  ];
  registry.answer = (_, response) => {
    const fail = failures.shift();
    if (fail) fail(response);
    else sendManifest(response);
  };
  assert.equal(await resolve(), DIGEST);
  assert.equal(registry.asked.length, 3);
});

test("a registry that stays broken is given up, by the status of its last answer", async () => {
  registry.answer = ({ method }, response) => response.writeHead(method === "HEAD" ? 405 : 503).end();
  await assert.rejects(resolve(), /it answers with status 503/);
  assert.equal(registry.asked.filter((line) => line.startsWith("GET")).length, 3);
});

test("a redirect is followed without the login of the server that sent it", async () => {
  const other = new FakeRegistry();
  await other.start();
  try {
    let seen: string | undefined = "";
    other.answer = ({ headers }, response) => {
      seen = headers.authorization;
      sendManifest(response);
    };
    registry.answer = ({ headers }, response) => {
      if (headers.authorization === undefined) return challenge(response, "Basic realm=x");
      response.writeHead(307, { Location: `http://${other.host}/elsewhere` }).end();
    };
    assert.equal(await resolve("web", { login: LOGIN }), DIGEST);
    assert.deepEqual([other.asked, seen], [["HEAD /elsewhere"], undefined]);
  } finally {
    other.stop();
  }
});

test("redirects without end are given up", async () => {
  registry.answer = (_, response) => response.writeHead(302, { Location: "/again" }).end();
  await assert.rejects(resolve(), /it redirects more than 5 times/);
  assert.equal(registry.asked.length, 6);
});

test("a registry that never answers is given up in time, whoever opens the connection", async () => {
  registry.answer = () => {};
  await assert.rejects(
    resolve("web", { route: { deadlineSeconds: 0.2 } }),
    /no answer from 127\.0\.0\.1:\d+ within 0\.2 s\n {2}Check the name/,
  );
  const openSocket = () => new Promise<never>(() => {});
  await assert.rejects(
    resolve("web", { route: { deadlineSeconds: 0.2, openSocket } }),
    /no answer .* within 0\.2 s/,
  );
});

test("a port where nothing listens is told at once", async () => {
  const image = parseImageReference("localhost:1/web");
  const access = { login: null, insecure: false, route: { deadlineSeconds: 5 } };
  await assert.rejects(
    resolveDigest("registry", image, access),
    /localhost:1 cannot be reached: .*ECONNREFUSED/,
  );
});

test("a server that does not speak TLS is told, with the option for it", async () => {
  const plain = createServer((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
  await new Promise<void>((resolve) => plain.listen(0, "127.0.0.1", resolve));
  const { port } = plain.address() as { port: number };
  const image = parseImageReference("registry.example.com/web");
  const openSocket = async () => connect(port, "127.0.0.1");
  const access = { login: null, insecure: false, route: { deadlineSeconds: 5, openSocket } };
  try {
    await assert.rejects(
      resolveDigest("registry", image, access),
      /registry\.example\.com does not speak TLS\n {2}`insecure: true`/,
    );
  } finally {
    plain.close();
  }
});

test("a connection that is opened elsewhere carries the requests", async () => {
  registry.answer = ({ headers }, response) =>
    headers.host === "registry.internal:5000" ? sendManifest(response) : response.writeHead(400).end();
  const opened: string[] = [];
  const openSocket = async (host: string, port: number) => {
    opened.push(`${host}:${port}`);
    const [address, own] = registry.host.split(":");
    return connect(Number(own), address);
  };
  const image = parseImageReference("registry.internal:5000/web");
  const access = { login: null, insecure: true, route: { deadlineSeconds: 5, openSocket } };
  assert.equal(await resolveDigest("registry", image, access), DIGEST);
  assert.deepEqual(opened, ["registry.internal:5000"]);
});
