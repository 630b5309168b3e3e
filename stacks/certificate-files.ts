import * as pulumi from "@pulumi/pulumi";
import type { Certificate } from "rundock";

/** Where a container finds a certificate. */
export interface CertificatePaths {
  readonly certificate: string;
  readonly key: string;
  readonly ca: string;
}

export function certificatePaths(folder: string): CertificatePaths {
  return {
    certificate: `${folder}/certificate.pem`,
    key: `${folder}/key.pem`,
    ca: `${folder}/ca.pem`,
  };
}

/** For the live configuration of a service whose process is root. */
export function certificateFiles(
  folder: string,
  { certificate, privateKey }: Certificate,
  bundle: pulumi.Output<string>,
): Record<string, pulumi.Output<string>> {
  const paths = certificatePaths(folder);
  return { [paths.certificate]: certificate, [paths.ca]: bundle, [paths.key]: pulumi.secret(privateKey) };
}
