import { isDeepStrictEqual } from "node:util";
import type {
  CheckResult,
  CreateResult,
  DiffResult,
  ReadResult,
  UpdateResult,
} from "@pulumi/pulumi/dynamic/index.js";
import type { CertificateInputs, CertificateState } from "./certificates/certificate-state.ts";
import { parseCertificate } from "./certificates/parse-certificates.ts";
import { type Validity, validityAt } from "./certificates/validity.ts";
import { checked } from "./checked.ts";

/** With what it is signed: never kept, since the authority's own state has it. */
interface SigningInputs extends CertificateInputs {
  readonly issuerKey: string;
}

/** The validity is decided here, so that a preview shows a renewal as changed lines. */
export async function check(
  olds: Partial<CertificateInputs>,
  { __provider, issuerKey, ...news }: Record<string, unknown>,
  now = new Date(),
): Promise<CheckResult<SigningInputs>> {
  return checked(() => {
    const given = parseCertificate(news);
    const old = olds.notAfter === undefined ? undefined : (olds as Validity);
    const { notBefore, notAfter } = validityAt(now, old, given);
    return { ...given, notBefore, notAfter, issuerKey: issuerKey as string };
  });
}

/** Another authority's certificate is a change too: the one that signs now. */
export async function diff(_id: string, old: CertificateState, wanted: SigningInputs): Promise<DiffResult> {
  const { issuerKey, ...inputs } = wanted;
  const keys = Object.keys(inputs) as (keyof CertificateInputs)[];
  return { changes: keys.some((key) => !isDeepStrictEqual(old[key], inputs[key])) };
}

export async function create(wanted: SigningInputs): Promise<CreateResult<CertificateState>> {
  return { id: wanted.commonName || wanted.dnsNames[0] || "certificate", outs: await issued(wanted) };
}

/** Another policy alone leaves the certificate as it is. */
export async function update(
  _id: string,
  old: CertificateState,
  wanted: SigningInputs,
): Promise<UpdateResult<CertificateState>> {
  const { issuerKey, ...inputs } = wanted;
  const { certificate, privateKey } = old;
  const isSame = IN_THE_CERTIFICATE.every((key) => isDeepStrictEqual(old[key], wanted[key]));
  return { outs: isSame ? { ...inputs, certificate, privateKey } : await issued(wanted) };
}

const IN_THE_CERTIFICATE = [
  "commonName",
  "dnsNames",
  "ipAddresses",
  "usages",
  "notBefore",
  "notAfter",
  "issuer",
] as const;

export async function read(id: string, state: CertificateState): Promise<ReadResult<CertificateState>> {
  return { id, props: state };
}

async function deleteCertificate(): Promise<void> {}

export { deleteCertificate as delete };

/** Loaded late: most operations issue nothing. */
async function issued({ issuerKey, ...inputs }: SigningInputs): Promise<CertificateState> {
  const { issueCertificate } = await import("./certificates/issue.ts");
  const pair = await issueCertificate(inputs, { certificate: inputs.issuer, privateKey: issuerKey });
  return { ...inputs, ...pair };
}
