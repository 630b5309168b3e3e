import type * as pulumi from "@pulumi/pulumi";
import { DynamicResource } from "./dynamic-resource.ts";

/** Arguments of a {@link CertificateAuthority}; durations in days. */
export interface CertificateAuthorityArgs {
  /** The name in its certificate, behind which a number is put. @default the resource's name */
  readonly commonName?: string;
  /** Days for which it holds; a change renews it. @default 3650 */
  readonly validity?: number;
  /** It is renewed when fewer days than this are left. @default a third of the validity */
  readonly renewBefore?: number;
  /** Days for which a renewed one is trusted before it signs. @default 7 */
  readonly overlap?: number;
}

/**
 * An authority for the certificates of a program's own parts. Its keys are drawn when it is made and kept in the state, as
 * secrets. When it is to be renewed, one `up` adds a new certificate to the bundle, and a later one signs with it: whoever
 * trusts the bundle trusts every certificate at any time.
 *
 * @throws in a preview for each argument that cannot be.
 */
export class CertificateAuthority extends DynamicResource {
  /** The certificate that signs, as PEM. */
  declare readonly certificate: pulumi.Output<string>;
  /** A secret. */
  declare readonly privateKey: pulumi.Output<string>;
  /** What others are to trust: one certificate, or two while one takes over from the other. */
  declare readonly bundle: pulumi.Output<string>;

  constructor(name: string, args: CertificateAuthorityArgs = {}, opts: pulumi.CustomResourceOptions = {}) {
    const { commonName = name, validity = 3650, renewBefore = Math.floor(validity / 3), overlap = 7 } = args;
    const outputs = { certificate: undefined, privateKey: undefined, bundle: undefined };
    const computed = { certificates: undefined, privateKeys: undefined };
    super(
      "CertificateAuthority",
      name,
      { commonName, validity, renewBefore, overlap, ...outputs, ...computed },
      { ...opts, additionalSecretOutputs: ["privateKey", "privateKeys"] },
    );
  }
}
