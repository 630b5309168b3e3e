import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import * as tls from "node:tls";
import { resolveDigest } from "../../../providers/remote/registry-client.ts";
import { parseImageReference } from "../../../providers/spec/image-reference.ts";

const NAME = "registry.example.com";
const DIGEST = `sha256:${"12ab".repeat(16)}`;
const folder = mkdtempSync(join(tmpdir(), "rundock-tls-"));
const certificateFile = join(folder, "certificate.pem");
const keyFile = join(folder, "key.pem");
const certificateFor = ["-subj", `/CN=${NAME}`, "-addext", `subjectAltName=DNS:${NAME}`, "-days", "2"];
const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", keyFile];
execFileSync("openssl", ["req", "-x509", ...certificateFor, ...newKey, "-out", certificateFile], {
  stdio: "ignore",
});
const certificate = readFileSync(certificateFile, "utf8");

let answer: (request: IncomingMessage, response: ServerResponse) => void;
const server = createServer({ cert: certificate, key: readFileSync(keyFile) }, (request, response) =>
  answer(request, response),
);

before(() => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve)));
after(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

/** Whatever the name, the connection goes to the server above, as through a host. */
function resolve(image = `${NAME}/web:1`): Promise<string> {
  const openSocket = async () => connect((server.address() as AddressInfo).port, "127.0.0.1");
  const access = { login: null, insecure: false, route: { deadlineSeconds: 5, openSocket } };
  return resolveDigest("registry", parseImageReference(image), access);
}

function trustServer(): void {
  tls.setDefaultCACertificates([certificate]);
}

test("a certificate of an unknown authority is refused, with the way to name the authority", async () => {
  await assert.rejects(
    resolve(),
    /registry\.example\.com does not prove who it is: .*\n {2}NODE_EXTRA_CA_CERTS/,
  );
});

test("a registry that proves who it is is asked, on a connection that was opened elsewhere", async () => {
  trustServer();
  answer = (_, response) => response.writeHead(200, { "Docker-Content-Digest": DIGEST }).end();
  assert.equal(await resolve(), DIGEST);
});

test("a certificate for another name is refused", async () => {
  trustServer();
  await assert.rejects(
    resolve("registry.example.net/web:1"),
    /registry\.example\.net does not prove who it is/,
  );
});

test("nothing leads from an encrypted registry to a plain one", async () => {
  trustServer();
  answer = (_, response) => response.writeHead(307, { Location: `http://${NAME}/web` }).end();
  await assert.rejects(resolve(), /it redirects to http:\/\/registry\.example\.com, which is not encrypted/);
  const challenge = `Bearer realm="http://${NAME}/token"`;
  answer = (_, response) => response.writeHead(401, { "WWW-Authenticate": challenge }).end();
  await assert.rejects(resolve(), /its token service http:\/\/registry\.example\.com is not encrypted/);
});
