/** From when until when a certificate holds, as ISO times. */
export interface Validity {
  readonly notBefore: string;
  readonly notAfter: string;
}

/** How long certificates hold, in days. */
export interface ValidityPolicy {
  readonly validity: number;
  /** A certificate with fewer days than this before it is renewed. */
  readonly renewBefore: number;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** The old one while it will do; a new one when its end comes near, or when it is to be of another length. */
export function validityAt(now: Date, old: Validity | undefined, policy: ValidityPolicy): Validity {
  return old === undefined || isToRenew(now, old, policy) ? validityFrom(now, policy) : old;
}

export function isToRenew(now: Date, { notBefore, notAfter }: Validity, policy: ValidityPolicy): boolean {
  const [from, until] = [Date.parse(notBefore), Date.parse(notAfter)];
  return until - from !== policy.validity * DAY_MS || now.getTime() > until - policy.renewBefore * DAY_MS;
}

/** From the beginning of the day, so that a preview and its update agree, and a host whose clock is behind takes it. */
export function validityFrom(now: Date, { validity }: ValidityPolicy): Validity {
  const from = Math.floor((now.getTime() - HOUR_MS) / DAY_MS) * DAY_MS;
  return {
    notBefore: new Date(from).toISOString(),
    notAfter: new Date(from + validity * DAY_MS).toISOString(),
  };
}

/** The day on which so many days of the validity are over. */
export function isPast(now: Date, { notBefore }: Validity, days: number): boolean {
  return now.getTime() >= Date.parse(notBefore) + days * DAY_MS;
}
