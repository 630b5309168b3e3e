import { randomBytes } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import type {
  CheckResult,
  CreateResult,
  DiffResult,
  ReadResult,
  UpdateResult,
} from "@pulumi/pulumi/dynamic/index.js";
import type { AuthorityInputs, AuthorityState } from "./certificates/certificate-state.ts";
import { type Generations, generationsAt } from "./certificates/generations.ts";
import { parseAuthority } from "./certificates/parse-certificates.ts";
import { checked } from "./checked.ts";

/** The validity is decided here, so that a preview shows a renewal as changed lines. */
export async function check(
  olds: Partial<AuthorityInputs>,
  { __provider, ...news }: Record<string, unknown>,
  now = new Date(),
): Promise<CheckResult<AuthorityInputs>> {
  return checked(() => {
    const policy = parseAuthority(news);
    const old = olds.trusted === undefined ? undefined : (olds as Generations);
    const { trusted, signing } = generationsAt(now, old, policy);
    return { ...policy, trusted, signing };
  });
}

export async function diff(_id: string, old: AuthorityState, wanted: AuthorityInputs): Promise<DiffResult> {
  const keys = ["commonName", "validity", "renewBefore", "overlap", "trusted", "signing"] as const;
  return { changes: keys.some((key) => !isDeepStrictEqual(old[key], wanted[key])) };
}

export async function create(wanted: AuthorityInputs): Promise<CreateResult<AuthorityState>> {
  // Tells two authorities of one name apart, for whoever keeps something by it.
  const id = `${wanted.commonName}-${randomBytes(4).toString("hex")}`;
  return { id, outs: await withKeys(wanted, { certificates: {}, privateKeys: {} }) };
}

export async function update(
  _id: string,
  old: AuthorityState,
  wanted: AuthorityInputs,
): Promise<UpdateResult<AuthorityState>> {
  return { outs: await withKeys(wanted, old) };
}

export async function read(id: string, state: AuthorityState): Promise<ReadResult<AuthorityState>> {
  return { id, props: state };
}

async function deleteAuthority(): Promise<void> {}

export { deleteAuthority as delete };

/** A generation that is there keeps its pair; its number is in its name, so that no two authorities have the same. */
async function withKeys(
  wanted: AuthorityInputs,
  old: Pick<AuthorityState, "certificates" | "privateKeys">,
): Promise<AuthorityState> {
  const certificates: Record<string, string> = {};
  const privateKeys: Record<string, string> = {};
  for (const generation of wanted.trusted) {
    const { number } = generation;
    const known = { certificate: old.certificates[number], privateKey: old.privateKeys[number] };
    const pair = known.certificate && known.privateKey ? known : await newPair(wanted, generation);
    certificates[number] = pair.certificate as string;
    privateKeys[number] = pair.privateKey as string;
  }
  return {
    ...wanted,
    certificates,
    privateKeys,
    certificate: certificates[wanted.signing] as string,
    privateKey: privateKeys[wanted.signing] as string,
    bundle: Object.values(certificates).join(""),
  };
}

/** Loaded late: most operations issue nothing. */
async function newPair(
  { commonName }: AuthorityInputs,
  { number, ...validity }: AuthorityInputs["trusted"][number],
) {
  const { issueAuthority } = await import("./certificates/issue.ts");
  return issueAuthority({ commonName: `${commonName} ${number}`, ...validity });
}
