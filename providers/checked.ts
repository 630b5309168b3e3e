import type { CheckResult } from "@pulumi/pulumi/dynamic/index.js";
import { SpecError } from "./spec/spec-error.ts";

/** The inputs, or all that is wrong with them. */
export async function checked<T>(inputs: () => T | Promise<T>): Promise<CheckResult<T>> {
  try {
    return { inputs: await inputs() };
  } catch (error) {
    if (!(error instanceof SpecError)) throw error;
    return { failures: error.failures.map(({ path, message }) => ({ property: path, reason: message })) };
  }
}
