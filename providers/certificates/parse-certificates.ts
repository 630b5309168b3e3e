import { z } from "zod";
import { parseStrictly } from "../spec/parse-strictly.ts";
import { address, list, numeric, text } from "../spec/values.ts";

const days = numeric(
  (value) => Number.isInteger(value) && value >= 0 && value <= 36_500,
  "should be whole days from 0 to 36500",
);

/** What a certificate's subject can hold (RFC 5280). */
const commonName = text(
  (value) => /^[\x20-\x7e]{0,64}$/.test(value),
  "should be plain text of at most 64 characters",
);

const dnsName = text(
  (value) => /^(\*\.)?[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/i.test(value),
  "should be a DNS name",
);

const policy = { validity: days, renewBefore: days };

const authority = z.strictObject({
  commonName: commonName.refine((value) => value.length <= 50, "should be at most 50 characters"),
  ...policy,
  overlap: days,
});

const certificate = z.strictObject({
  commonName,
  dnsNames: list(dnsName),
  ipAddresses: list(address),
  usages: list(z.enum(["server", "client"], "should be server or client")),
  ...policy,
  issuer: z.string(),
});

const BEFORE_IT_BEGINS = "should be less than the validity, or every up renews it";

/** @throws SpecError with everything that is wrong. */
export function parseAuthority(given: unknown) {
  return parseStrictly(authority.superRefine(isRenewable), given);
}

/** @throws SpecError with everything that is wrong. */
export function parseCertificate(given: unknown) {
  return parseStrictly(certificate.superRefine(isRenewable).superRefine(hasName), given);
}

function isRenewable(
  { validity, renewBefore }: { validity: number; renewBefore: number },
  context: z.RefinementCtx,
): void {
  if (renewBefore < validity) return;
  context.addIssue({ code: "custom", path: ["renewBefore"], message: BEFORE_IT_BEGINS });
}

function hasName(
  { commonName, dnsNames, ipAddresses }: z.infer<typeof certificate>,
  context: z.RefinementCtx,
): void {
  if (commonName !== "" || dnsNames.length + ipAddresses.length > 0) return;
  context.addIssue({
    code: "custom",
    path: ["commonName"],
    message: "should not be empty where there are no dnsNames and ipAddresses",
  });
}
