// The library below needs it before it is loaded.
import "reflect-metadata";
import { randomBytes, webcrypto } from "node:crypto";
import { isIP } from "node:net";
import * as x509 from "@peculiar/x509";
import type { Validity } from "./validity.ts";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

/** A certificate and its private key, both as PEM. */
export interface KeyPair {
  readonly certificate: string;
  readonly privateKey: string;
}

export interface AuthoritySubject extends Validity {
  readonly commonName: string;
}

export interface CertificateSubject extends AuthoritySubject {
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
  readonly usages: readonly ("server" | "client")[];
}

/** A root that signs certificates, and no other authorities. */
export async function issueAuthority(subject: AuthoritySubject): Promise<KeyPair> {
  const keys = await newKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    ...common(subject),
    name: nameOf(subject),
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return asPem(certificate, keys);
}

export async function issueCertificate(subject: CertificateSubject, issuer: KeyPair): Promise<KeyPair> {
  const keys = await newKeys();
  const authority = new x509.X509Certificate(issuer.certificate);
  const certificate = await x509.X509CertificateGenerator.create({
    ...common(subject),
    subject: nameOf(subject),
    issuer: authority.subjectName,
    publicKey: keys.publicKey,
    signingKey: await readPrivateKey(issuer.privateKey),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension(subject.usages.map((usage) => USAGES[usage])),
      ...alternativeNames(subject),
      await x509.AuthorityKeyIdentifierExtension.create(authority),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return asPem(certificate, keys);
}

const USAGES = { server: x509.ExtendedKeyUsage.serverAuth, client: x509.ExtendedKeyUsage.clientAuth };

/** By its kind, since in a bare text the library takes some characters for more than themselves. */
function nameOf({ commonName }: AuthoritySubject): x509.Name {
  if (commonName === "") return new x509.Name([]);
  const isPrintable = x509.Name.isPrintableString(commonName);
  return new x509.Name([
    { CN: [isPrintable ? { printableString: commonName } : { utf8String: commonName }] },
  ]);
}

function common({ notBefore, notAfter }: AuthoritySubject) {
  return {
    serialNumber: randomBytes(16).toString("hex"),
    notBefore: new Date(notBefore),
    notAfter: new Date(notAfter),
    signingAlgorithm: ALGORITHM,
  };
}

/** Of a certificate without a name of its own they are all that tells whose it is, hence critical (RFC 5280). */
function alternativeNames({ commonName, dnsNames, ipAddresses }: CertificateSubject): x509.Extension[] {
  const names: x509.JsonGeneralNames = [
    ...dnsNames.map((value) => ({ type: "dns" as const, value })),
    ...ipAddresses.filter((value) => isIP(value)).map((value) => ({ type: "ip" as const, value })),
  ];
  return names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(names, commonName === "")];
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
}

async function readPrivateKey(pem: string): Promise<webcrypto.CryptoKey> {
  const der = x509.PemConverter.decodeFirst(pem);
  return webcrypto.subtle.importKey("pkcs8", der, ALGORITHM, false, ["sign"]);
}

async function asPem(certificate: x509.X509Certificate, keys: webcrypto.CryptoKeyPair): Promise<KeyPair> {
  const der = await webcrypto.subtle.exportKey("pkcs8", keys.privateKey);
  return {
    certificate: `${certificate.toString("pem")}\n`,
    privateKey: `${x509.PemConverter.encode(der, x509.PemConverter.PrivateKeyTag)}\n`,
  };
}
