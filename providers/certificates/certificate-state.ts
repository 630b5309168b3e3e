import type { Generations } from "./generations.ts";
import type { Validity, ValidityPolicy } from "./validity.ts";

/** What the program declares of an authority, and what follows from it and from the day. */
export interface AuthorityInputs extends ValidityPolicy, Generations {
  readonly commonName: string;
  readonly overlap: number;
}

/** What Pulumi keeps of an authority. */
export interface AuthorityState extends AuthorityInputs {
  /** Generation -> PEM. */
  readonly certificates: Readonly<Record<string, string>>;
  /** Generation -> PEM; secret. */
  readonly privateKeys: Readonly<Record<string, string>>;
  /** Of the generation that signs. */
  readonly certificate: string;
  readonly privateKey: string;
  /** All that are trusted, in one text. */
  readonly bundle: string;
}

/** What the program declares of a certificate, and what follows from it and from the day. */
export interface CertificateInputs extends ValidityPolicy, Validity {
  readonly commonName: string;
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
  readonly usages: readonly ("server" | "client")[];
  /** The certificate of the authority that signs it. */
  readonly issuer: string;
}

/** What Pulumi keeps of a certificate. */
export interface CertificateState extends CertificateInputs {
  readonly certificate: string;
  /** Secret. */
  readonly privateKey: string;
}
