import * as pulumi from "@pulumi/pulumi";
import type { CertificateAuthority } from "./certificate-authority.ts";
import { DynamicResource } from "./dynamic-resource.ts";

/** Arguments of a {@link Certificate}; durations in days. */
export interface CertificateArgs {
  /** Who signs it. */
  readonly authority: CertificateAuthority;
  /** The name in its subject. @default none: the first of `dnsNames` and `ipAddresses` tells whose it is */
  readonly commonName?: string;
  /** Under which names a server is reached. @default none */
  readonly dnsNames?: readonly string[];
  /** At which addresses a server is reached. @default none */
  readonly ipAddresses?: readonly string[];
  /** What it may be used for. @default both */
  readonly usages?: readonly ("server" | "client")[];
  /** Days for which it holds; a change renews it. @default 365 */
  readonly validity?: number;
  /** It is renewed when fewer days than this are left. @default a third of the validity */
  readonly renewBefore?: number;
}

/**
 * A certificate and its private key, which an authority of the program has signed. An `up` renews it when its end comes
 * near, and the preview before says so; without an `up` in that time it runs out.
 *
 * @throws in a preview for each argument that cannot be.
 */
export class Certificate extends DynamicResource {
  /** PEM. */
  declare readonly certificate: pulumi.Output<string>;
  /** PEM; a secret. */
  declare readonly privateKey: pulumi.Output<string>;
  /** Until when it holds, as an ISO time. */
  declare readonly notAfter: pulumi.Output<string>;

  constructor(name: string, args: CertificateArgs, opts: pulumi.CustomResourceOptions = {}) {
    const { authority, commonName = "", dnsNames = [], ipAddresses = [], validity = 365 } = args;
    const { usages = ["server", "client"], renewBefore = Math.floor(validity / 3) } = args;
    super(
      "Certificate",
      name,
      {
        ...{ commonName, dnsNames, ipAddresses, usages, validity, renewBefore },
        ...{ issuer: authority.certificate, issuerKey: pulumi.secret(authority.privateKey) },
        ...{ certificate: undefined, privateKey: undefined, notAfter: undefined },
      },
      { ...opts, additionalSecretOutputs: ["privateKey"] },
    );
  }
}
