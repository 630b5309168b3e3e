import assert from "node:assert/strict";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { test } from "node:test";
import * as authority from "../../providers/certificate-authority-provider.ts";
import * as certificate from "../../providers/certificate-provider.ts";
import type { AuthorityState, CertificateState } from "../../providers/certificates/certificate-state.ts";

const AUTHORITY = { commonName: "etcd", validity: 3650, renewBefore: 1000, overlap: 7 };
const MEMBER = {
  commonName: "etcd-member",
  dnsNames: ["back-1.example.com"],
  ipAddresses: ["10.0.0.21", "fd00::21"],
  usages: ["server", "client"],
  validity: 365,
  renewBefore: 100,
};
const DAY = new Date("2026-06-01T12:00:00Z");

/** What an `up` on that day makes of an authority. */
async function upAuthority(day: Date, old?: AuthorityState, args = AUTHORITY): Promise<AuthorityState> {
  const { inputs, failures } = await authority.check(old ?? {}, args, day);
  assert.equal(failures, undefined);
  if (old === undefined) return (await authority.create(inputs as never)).outs as AuthorityState;
  if (!(await authority.diff("", old, inputs as never)).changes) return old;
  return (await authority.update("", old, inputs as never)).outs as AuthorityState;
}

/** What an `up` on that day makes of a certificate; the same object when nothing changes. */
async function upCertificate(
  day: Date,
  { certificate: issuer, privateKey: issuerKey }: AuthorityState,
  old?: CertificateState,
  args: object = MEMBER,
): Promise<CertificateState> {
  const { inputs, failures } = await certificate.check(old ?? {}, { ...args, issuer, issuerKey }, day);
  assert.deepEqual(failures, undefined);
  if (old === undefined) return (await certificate.create(inputs as never)).outs as CertificateState;
  if (!(await certificate.diff("", old, inputs as never)).changes) return old;
  return (await certificate.update("", old, inputs as never)).outs as CertificateState;
}

/** Whether one of the certificates in the bundle has signed it. */
function isTrusted({ certificate }: CertificateState, { bundle }: AuthorityState): boolean {
  const roots = bundle.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  return roots.some((root) => new X509Certificate(certificate).verify(new X509Certificate(root).publicKey));
}

function later(days: number): Date {
  return new Date(DAY.getTime() + days * 86_400_000);
}

test("a certificate says whose it is, where it is reached, for what and until when, and has a key of its own", async () => {
  const root = await upAuthority(DAY);
  const member = await upCertificate(DAY, root);
  const [ca, read] = [new X509Certificate(root.certificate), new X509Certificate(member.certificate)];
  assert.ok(ca.ca && ca.checkIssued(ca) && read.checkIssued(ca));
  assert.equal(ca.subject, "CN=etcd 1");
  assert.equal(read.subject, "CN=etcd-member");
  assert.equal(read.ca, false);
  assert.equal(read.checkIP("10.0.0.21"), "10.0.0.21");
  assert.equal(read.checkIP("10.0.0.22"), undefined);
  assert.match(read.subjectAltName ?? "", /IP Address:FD00:0:0:0:0:0:0:21/);
  assert.equal(read.checkHost("back-1.example.com"), "back-1.example.com");
  assert.deepEqual(read.keyUsage, ["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"]);
  assert.deepEqual(new Date(read.validFrom), new Date("2026-06-01"));
  assert.deepEqual(new Date(read.validTo), new Date("2027-06-01"));
  const key = createPrivateKey(member.privateKey);
  assert.equal(key.asymmetricKeyDetails?.namedCurve, "prime256v1");
  assert.ok(read.checkPrivateKey(key));
  assert.ok(isTrusted(member, root));
  assert.ok(!isTrusted(member, await upAuthority(DAY)), "another authority of the same name is another one");
});

test("the authority's key is not kept with what it signs", async () => {
  const root = await upAuthority(DAY);
  assert.ok(
    !JSON.stringify(await upCertificate(DAY, root)).includes(root.privateKey.split("\n")[1] as string),
  );
});

test("a certificate without a common name has an empty subject", async () => {
  const announcer = {
    ...MEMBER,
    commonName: "",
    dnsNames: ["announcer"],
    ipAddresses: [],
    usages: ["client"],
  };
  const { certificate } = await upCertificate(DAY, await upAuthority(DAY), undefined, announcer);
  const read = new X509Certificate(certificate);
  assert.ok(!read.subject);
  assert.equal(read.subjectAltName, "DNS:announcer");
});

test("a certificate is the same until its end comes near, and then another with another key", async () => {
  const root = await upAuthority(DAY);
  const first = await upCertificate(DAY, root);
  assert.equal(await upCertificate(later(200), root, first), first);
  const renewed = await upCertificate(later(270), root, first);
  assert.notEqual(renewed.privateKey, first.privateKey);
  assert.deepEqual(new Date(new X509Certificate(renewed.certificate).validTo), new Date("2028-02-26"));
  assert.equal(await upCertificate(later(271), root, renewed), renewed);
});

test("another address is another certificate, another policy alone is not", async () => {
  const root = await upAuthority(DAY);
  const first = await upCertificate(DAY, root);
  const moved = await upCertificate(DAY, root, first, { ...MEMBER, ipAddresses: ["10.0.0.31"] });
  assert.equal(new X509Certificate(moved.certificate).checkIP("10.0.0.31"), "10.0.0.31");
  const same = await upCertificate(DAY, root, first, { ...MEMBER, renewBefore: 50 });
  assert.equal(same.certificate, first.certificate);
  assert.equal(same.renewBefore, 50);
});

test("while an authority is renewed, every certificate is trusted by the bundle before and after", async () => {
  const first = await upAuthority(DAY);
  const signedByFirst = await upCertificate(DAY, first);
  const both = await upAuthority(later(2700), first);
  assert.equal(both.certificate, first.certificate, "the old one signs on");
  const renewed = await upCertificate(later(2700), both, signedByFirst);
  for (const bundle of [first, both]) assert.ok(isTrusted(renewed, bundle));
  const second = await upAuthority(later(2710), both);
  assert.notEqual(second.certificate, first.certificate);
  const signedBySecond = await upCertificate(later(2710), second, renewed);
  assert.ok(isTrusted(signedBySecond, both), "who has not heard of the second up trusts it too");
  assert.ok(!isTrusted(signedBySecond, first));
  for (const each of [renewed, signedBySecond]) assert.ok(isTrusted(each, second));
});

test("what cannot be is refused, with its path", async () => {
  const { failures: ofAuthority = [] } = await authority.check({}, { ...AUTHORITY, renewBefore: 3650 });
  assert.deepEqual(
    ofAuthority.map(({ property }) => property),
    ["renewBefore"],
  );
  const wrong = { ...MEMBER, ipAddresses: ["back-1"], usages: ["both"], validity: 1.5, issuer: "" };
  const { failures: ofCertificate = [] } = await certificate.check({}, wrong);
  assert.deepEqual(ofCertificate.map(({ property }) => property).sort(), [
    "ipAddresses[0]",
    "usages[0]",
    "validity",
  ]);
  const nobody = { ...MEMBER, commonName: "", dnsNames: [], ipAddresses: [], issuer: "" };
  assert.equal((await certificate.check({}, nobody)).failures?.[0]?.property, "commonName");
});
