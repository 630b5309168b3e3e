import { createHmac } from "node:crypto";
import type { EtcdClientSpec } from "../spec/host-spec.ts";
import { isUnknown, UNKNOWN } from "../spec/unknown.ts";

const FOLDER = "/etc/rundock";
const CA = "etcd-ca.pem";
const CERTIFICATE = "etcd-certificate.pem";
const KEY = "etcd-key.pem";

/** What etcd.sh finds of a TLS etcd: curl's words, certificates, and keyed hashes that stand for what is secret. */
export function etcdClientFiles(client: EtcdClientSpec, salt: string): Record<string, string> {
  const { ca, certificate } = client;
  return {
    "etcd.curl": curlConfiguration(client),
    ...(ca === null ? {} : { [CA]: ca }),
    ...(certificate === null ? {} : { [CERTIFICATE]: certificate }),
    "etcd-secrets": secretMarks(client, salt),
  };
}

export function secretEtcdClientFiles({ key, username, password }: EtcdClientSpec): Record<string, string> {
  return {
    ...(key === null ? {} : { [KEY]: key }),
    ...(username === null ? {} : { "etcd-login": JSON.stringify({ name: username, password }) }),
  };
}

function curlConfiguration({ ca, certificate }: EtcdClientSpec): string {
  const lines = [
    ...(ca === null ? [] : [`cacert = ${FOLDER}/${CA}`]),
    ...(certificate === null ? [] : [`cert = ${FOLDER}/${CERTIFICATE}`, `key = ${FOLDER}/${KEY}`]),
  ];
  return lines.map((line) => `${line}\n`).join("");
}

/** Unknown as a whole while a part is. */
function secretMarks({ key, username, password }: EtcdClientSpec, salt: string): string {
  if ([key, password].some((secret) => isUnknown(secret))) return UNKNOWN;
  const mark = (secret: string) => createHmac("sha256", salt).update(secret).digest("hex").slice(0, 16);
  const lines = [
    ...(key === null ? [] : [`key ${mark(key)}`]),
    ...(password === null ? [] : [`login ${username} ${mark(password)}`]),
  ];
  return lines.map((line) => `${line}\n`).join("");
}
