/**
 * What stands for a value that Pulumi does not know before the update; the SDK's `runtime.unknownValue`. It may be
 * all of an input or a part of a text, and passes every check.
 */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

export function isUnknown(value: unknown): boolean {
  return typeof value === "string" && value.includes(UNKNOWN);
}
