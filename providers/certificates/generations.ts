import { isPast, isToRenew, type Validity, type ValidityPolicy, validityFrom } from "./validity.ts";

/** One pair of key and certificate of an authority. */
export interface Generation extends Validity {
  readonly number: number;
}

/** The pairs that are trusted, and the number of the one that signs. */
export interface Generations {
  readonly trusted: readonly Generation[];
  readonly signing: number;
}

export interface GenerationsPolicy extends ValidityPolicy {
  /** Days for which a new pair is trusted before it signs. */
  readonly overlap: number;
}

/**
 * An authority that is renewed never leaves anybody with a certificate that others do not trust: one `up` adds the new
 * pair to those that are trusted, and a later one, when all have had the time to learn of it, signs with it. The old one
 * is trusted until the next renewal.
 */
export function generationsAt(
  now: Date,
  old: Generations | undefined,
  policy: GenerationsPolicy,
): Generations {
  const last = old?.trusted.at(-1);
  if (old === undefined || last === undefined) {
    return { trusted: [{ number: 1, ...validityFrom(now, policy) }], signing: 1 };
  }
  if (last.number !== old.signing) {
    return isPast(now, last, policy.overlap) ? { ...old, signing: last.number } : old;
  }
  if (!isToRenew(now, last, policy)) return old;
  const next = { number: last.number + 1, ...validityFrom(now, policy) };
  return { trusted: [last, next], signing: old.signing };
}
