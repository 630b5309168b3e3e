import * as pulumi from "@pulumi/pulumi";
import type { Certificate, RundockServiceArgs } from "rundock";

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

/** The image may run as a user of its own; on the host the key lies in a folder that only root enters. */
export function certificateFiles(
  folder: string,
  { certificate, privateKey }: Certificate,
  bundle: pulumi.Output<string>,
): NonNullable<RundockServiceArgs["files"]> {
  const paths = certificatePaths(folder);
  const key = pulumi.secret(privateKey).apply((content) => ({ content, mode: "0444" }));
  return { [paths.certificate]: certificate, [paths.ca]: bundle, [paths.key]: key };
}
