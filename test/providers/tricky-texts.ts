import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { SpecError } from "../../providers/spec/spec-error.ts";

/** Each of them alone, in front of, behind and amid a text that is taken. */
const TRICKY = [
  ..."'\"\\`$*?[]{}();&|<>#!~%=:,@\t\r\n\0\u2028é漢🐳 ".split(""),
  ...["🐳", "\ud800", "$(reboot)", "`reboot`", "${HOME}", "$&", "$'", "--privileged", "-", "../"],
  ...["{config}", "{release}", "__proto__"],
];
export const LONG = "x".repeat(100_000);

export function variantsOf(good: string, text: string): string[] {
  const middle = Math.ceil(good.length / 2);
  return [text, text + good, good + text, good.slice(0, middle) + text + good.slice(middle)];
}

/** All texts of a place that are tried one by one, but for the long ones. */
export function trickyTexts(good: string): string[] {
  return [good, ...TRICKY.flatMap((tricky) => variantsOf(good, tricky))];
}

export const anyText = fc.string({ unit: "binary", maxLength: 20 });

/** Where a resource takes a text: one that is taken there, and what arrives of another one. */
export type Place = readonly [good: string, arrived: (text: string) => unknown];

/** Tests that each text arrives as it is, or is refused with the path of its property; the good one arrives. */
export function testEveryText(resource: string, places: Readonly<Record<string, Place>>): void {
  for (const [path, [good, arrived]] of Object.entries(places))
    test(`a text as ${path} of ${resource} arrives as it is, or is refused with its path`, async () => {
      const outcomeOf = (text: string) => arrivedOrPaths(path, text, arrived);
      assert.ok(await outcomeOf(good), `${good} is refused`);
      for (const text of [...trickyTexts(good), ...variantsOf(good, LONG)]) await outcomeOf(text);
      await fc.assert(fc.asyncProperty(anyText, async (text) => void (await outcomeOf(text))));
    });
}

/** Whether it arrived. */
async function arrivedOrPaths(path: string, text: string, arrived: Place[1]): Promise<boolean> {
  const what = `${path}: ${JSON.stringify(text.slice(0, 60))}`;
  let found: unknown;
  try {
    found = await arrived(text);
  } catch (error) {
    assert.ok(error instanceof SpecError, `${what}: ${error}`);
    const paths = error.failures.map((failure) => failure.path);
    assert.ok(
      paths.every((refused) => refused.startsWith(path)),
      `${what} is refused at ${paths.join()}`,
    );
    return false;
  }
  assert.equal(found, text, what);
  assert.ok(text.isWellFormed() && !text.includes("\0"), what);
  return true;
}
