import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after } from "node:test";
import { issueAuthority, issueCertificate } from "../../providers/certificates/issue.ts";
import { parseAuthority, parseCertificate } from "../../providers/certificates/parse-certificates.ts";
import { check } from "../../providers/image-archive-provider.ts";
import type { ImageArchiveState } from "../../providers/image-archive-state.ts";
import { packTar } from "../../providers/remote/tar.ts";
import { etcdAccessRequest } from "../../providers/render/etcd-access.ts";
import { renderHost, renderSecretHostFiles } from "../../providers/render/host.ts";
import { parseEtcdAccess, parseEtcdPasswords } from "../../providers/spec/etcd-access-spec.ts";
import { parseImageReference } from "../../providers/spec/image-reference.ts";
import { parseHost } from "../../providers/spec/parse-host.ts";
import { SpecError } from "../../providers/spec/spec-error.ts";
import { testEveryText } from "./tricky-texts.ts";

// Those of a service are in spec/every-text.test.ts.

const connection = { address: "10.0.0.21", port: 22, user: "root", hostKey: "ssh-ed25519 AAAA" };
const HOST = { name: "back-1", connection, privateAddress: "10.0.0.21" };

function host(args: object) {
  const spec = parseHost({ ...HOST, ...args });
  const files = { ...renderHost(spec, "salt"), ...renderSecretHostFiles(spec) };
  return { spec, files };
}

const reachedAt = (args: object) => host({ connection: { ...connection, ...args } }).spec.connection;

const pem = (kind: string) => `-----BEGIN ${kind}-----\nY2E=\n-----END ${kind}-----\n`;
const CLIENT = { certificate: pem("CERTIFICATE"), key: pem("PRIVATE KEY"), username: "u", password: "p" };
const etcdFiles = (args: object) => host({ etcdAccess: { ...CLIENT, ...args } }).files;

/** What the announcer logs in with; and the mark of it has one line. */
function etcdLogin(args: object): { name: string; password: string } {
  const files = etcdFiles(args);
  assert.equal(files["etcd-secrets"]?.split("\n").length, 3);
  return JSON.parse(files["etcd-login"] as string);
}

/** Docker's config.json, read as Docker does; and the mark of it has one line. */
function registryLogin(args: object) {
  const files = host({
    registries: [{ server: "r.example.com", username: "u", password: "p", ...args }],
  }).files;
  assert.equal(files["docker/logins"]?.split("\n").length, 2);
  const { auths } = JSON.parse(files["docker/config.json"] as string);
  const [[server, { auth }], ...others] = Object.entries(auths) as [[string, { auth: string }]];
  assert.equal(others.length, 0);
  const decoded = Buffer.from(auth, "base64").toString();
  const colon = decoded.indexOf(":");
  const [username, password] = [decoded.slice(0, colon), decoded.slice(colon + 1)];
  return { server, username, password };
}

const line = (content: string | undefined) => content?.replace(/\n$/, "");

testEveryText("a Host", {
  name: ["back-2", (name) => line(host({ name }).files.host)],
  "connection.address": ["10.0.0.9", (address) => reachedAt({ address }).address],
  "connection.user": ["deploy", (user) => reachedAt({ user }).user],
  "connection.hostKey": ["ssh-ed25519 AAAA", (hostKey) => reachedAt({ hostKey }).hostKey],
  "connection.jump.address": [
    "gate",
    (address) => reachedAt({ jump: { ...connection, address } }).jump?.address,
  ],
  domain: ["s.example.com", (domain) => host({ domain }).spec.domain],
  privateAddress: ["10.0.0.9", (privateAddress) => host({ privateAddress }).spec.privateAddress],
  publicAddress: ["203.0.113.9", (publicAddress) => host({ publicAddress }).spec.publicAddress],
  etcd: ["http://10.0.0.9:2379", (url) => line(host({ etcd: [url] }).files.etcd)],
  "etcdAccess.ca": [pem("CERTIFICATE"), (ca) => etcdFiles({ ca })["etcd-ca.pem"]],
  "etcdAccess.certificate": [
    pem("CERTIFICATE"),
    (certificate) => etcdFiles({ certificate })["etcd-certificate.pem"],
  ],
  "etcdAccess.key": [pem("PRIVATE KEY"), (key) => etcdFiles({ key })["etcd-key.pem"]],
  "etcdAccess.username": ["announcer", (username) => etcdLogin({ username }).name],
  "etcdAccess.password": ["correct-horse", (password) => etcdLogin({ password }).password],
  "registries[0].server": ["r.example.com:5000", (server) => registryLogin({ server }).server],
  "registries[0].username": ["deploy", (username) => registryLogin({ username }).username],
  "registries[0].password": ["correct-horse", (password) => registryLogin({ password }).password],
});

/** What etcd is asked for. */
function etcdUser(args: object, { root = "r", password = "p" } = {}) {
  const access = parseEtcdAccess({
    users: [{ name: "dns", prefixes: ["/skydns"], access: "read", ...args }],
  });
  const users = Object.fromEntries(access.users.map(({ name }) => [name, password]));
  const passwords = parseEtcdPasswords({ root, users }, access.users);
  const request = JSON.parse(etcdAccessRequest(access, passwords));
  return { root: request.rootPasswords[0], ...request.users[0] };
}

testEveryText("an EtcdAccess", {
  "users[0].name": ["core-dns", (name) => etcdUser({ name }).name],
  "users[0].prefixes": [
    "/skydns/com",
    (prefix) => Buffer.from(etcdUser({ prefixes: [prefix] }).permissions[0].key, "base64").toString(),
  ],
  "users[0].password": ["correct-horse", (password) => etcdUser({}, { password }).password],
  rootPassword: ["correct-horse", (root) => etcdUser({}, { root }).root],
});

const VALIDITY = { notBefore: "2026-06-01", notAfter: "2027-06-01" };
const POLICY = { validity: 365, renewBefore: 100 };
const root = await issueAuthority({ commonName: "root", ...VALIDITY });

async function certificate(args: object) {
  const given = { commonName: "", dnsNames: [], ipAddresses: [], usages: ["server"], ...POLICY };
  const subject = parseCertificate({ ...given, issuer: root.certificate, ...args });
  const pair = await issueCertificate({ ...subject, ...VALIDITY }, root);
  return new X509Certificate(pair.certificate);
}

const commonNameOf = (read: X509Certificate) => read.toLegacyObject().subject?.CN ?? "";

/** One that takes another form on the way is the same address. */
const addressIn = async (address: string) => (await certificate({ ipAddresses: [address] })).checkIP(address);

async function authority(commonName: string) {
  const subject = parseAuthority({ commonName, overlap: 7, ...POLICY });
  const pair = await issueAuthority({ ...subject, ...VALIDITY });
  return commonNameOf(new X509Certificate(pair.certificate));
}

testEveryText("a Certificate", {
  commonName: [
    "etcd-member",
    async (commonName) => commonNameOf(await certificate({ commonName, dnsNames: ["a"] })),
  ],
  dnsNames: [
    "back-1.example.com",
    async (name) => (await certificate({ dnsNames: [name] })).subjectAltName?.replace(/^DNS:/, ""),
  ],
  ipAddresses: ["10.0.0.9", addressIn],
});

testEveryText("a CertificateAuthority", { commonName: ["etcd", authority] });

const folder = mkdtempSync(join(tmpdir(), "rundock-every-text-"));
after(() => rmSync(folder, { recursive: true }));

async function imageArchive(path: string): Promise<ImageArchiveState> {
  const { inputs, failures = [] } = await check({}, { host: "back-1", connection, path });
  if (inputs) return inputs;
  throw new SpecError(failures.map(({ property, reason }) => ({ path: property, message: reason })));
}

async function writeArchive(path: string, reference: string): Promise<void> {
  const manifest = [{ Config: `${"1f".repeat(32)}.json`, RepoTags: [reference] }];
  const files = { "manifest.json": { content: JSON.stringify(manifest), mode: 0o644 } };
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, await packTar(files));
}

/** So deep that a way up does not lead out of the folder. */
const deep = join(folder, "a/b/c/");

testEveryText("an ImageArchive", {
  path: [
    "web.tar",
    async (name) => {
      // Not every text is a name for the file system; what was refused then is not there.
      await writeArchive(deep + name, "web:1").catch(() => {});
      return (await imageArchive(deep + name)).path.slice(deep.length);
    },
  ],
});

let written = 0;

testEveryText("the image in an ImageArchive", {
  path: [
    "web:1",
    async (name) => {
      written += 1;
      const path = join(folder, `web-${written}.tar`);
      await writeArchive(path, name);
      const { reference, image } = await imageArchive(path);
      assert.equal(parseImageReference(image).registry, "archive.invalid");
      return reference;
    },
  ],
});
