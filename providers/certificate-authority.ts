import * as pulumi from "@pulumi/pulumi";

/** Arguments of a {@link CertificateAuthority}; durations in days. */
export interface CertificateAuthorityArgs {
  /** The name in its certificate, behind which a number is put. @default the resource's name */
  readonly commonName?: string;
  /** A change renews it. @default 3650 */
  readonly validity?: number;
  /** It is renewed when fewer days than this are left. @default a third of the validity */
  readonly renewBefore?: number;
  /** For how long a renewed one is trusted before it signs. @default 7 */
  readonly overlap?: number;
}

/**
 * An authority for the certificates of a program's own parts. Its keys are drawn when it is made and kept in the state, as
 * secrets. When it is to be renewed, one `up` adds a new certificate to the bundle, and a later one signs with it: whoever
 * trusts the bundle trusts every certificate at any time.
 */
export class CertificateAuthority extends pulumi.dynamic.Resource {
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
      stub,
      name,
      { commonName, validity, renewBefore, overlap, ...outputs, ...computed },
      { ...opts, additionalSecretOutputs: ["privateKey", "privateKeys"] },
      "rundock",
      "CertificateAuthority",
    );
  }
}

/** Serialized into the state, so constant: it captures nothing and loads the installed code when it is called. */
const stub: pulumi.dynamic.ResourceProvider = {
  configure: async (request) => (await import("rundock/provider")).configure(request),
  check: async (olds, news) => (await import("rundock/provider")).certificateAuthority.check(olds, news),
  diff: async (id, olds, news) =>
    (await import("rundock/provider")).certificateAuthority.diff(id, olds, news),
  create: async (inputs) => (await import("rundock/provider")).certificateAuthority.create(inputs),
  read: async (id, props) => (await import("rundock/provider")).certificateAuthority.read(id, props),
  update: async (id, olds, news) =>
    (await import("rundock/provider")).certificateAuthority.update(id, olds, news),
  delete: async () => (await import("rundock/provider")).certificateAuthority.delete(),
};
