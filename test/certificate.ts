import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A self-signed certificate for the names, and its key, in PEM. */
export function makeCertificate(
  names: readonly [string, ...string[]],
  newKey: readonly string[] = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"],
): { readonly certificate: string; readonly key: string } {
  const folder = mkdtempSync(join(tmpdir(), "rundock-certificate-"));
  const [certificate, key] = [join(folder, "certificate"), join(folder, "key")];
  const subject = [
    "-subj",
    `/CN=${names[0]}`,
    "-addext",
    `subjectAltName=${names.map((name) => `DNS:${name}`)}`,
  ];
  const out = ["-nodes", "-keyout", key, "-out", certificate, "-days", "2"];
  execFileSync("openssl", ["req", "-x509", ...newKey, ...subject, ...out], { stdio: "ignore" });
  const texts = { certificate: readFileSync(certificate, "utf8"), key: readFileSync(key, "utf8") };
  rmSync(folder, { recursive: true });
  return texts;
}
