import type { z } from "zod";
import { LOST, LOST_NAME } from "./lost-name.ts";
import { SpecError, type SpecFailure } from "./spec-error.ts";

/** @throws SpecError with every failure of the whole input. */
export function parseStrictly<T>(schema: z.ZodType<T>, input: unknown): T {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  throw new SpecError(failuresOf(result.error));
}

/** Every failure of the whole input; none when it is good. */
export function failuresOf(error: z.ZodError | undefined): SpecFailure[] {
  return (error?.issues ?? []).flatMap(failuresOfIssue);
}

function failuresOfIssue(issue: z.core.$ZodIssue): SpecFailure[] {
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({
      path: pathText([...issue.path, key]),
      message: key === LOST_NAME ? LOST : "is not a known property",
    }));
  }
  if (issue.code === "invalid_key") {
    return issue.issues.map(({ message }) => ({ path: pathText(issue.path), message }));
  }
  return [{ path: pathText(issue.path), message: issue.message }];
}

function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => text + partText(part, text === ""), "");
}

function partText(part: PropertyKey, isFirst: boolean): string {
  if (typeof part === "number") return `[${part}]`;
  if (!/^[A-Za-z_]\w*$/.test(String(part))) return `[${JSON.stringify(String(part))}]`;
  return isFirst ? String(part) : `.${String(part)}`;
}
