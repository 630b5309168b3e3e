import type { z } from "zod";

/**
 * What of an object can be read, property by property. So what one setting says of another is told together with a third that
 * is wrong.
 */
export function readablePart<T extends z.ZodRawShape>(
  { shape }: z.ZodObject<T>,
  given: unknown,
): Partial<z.infer<z.ZodObject<T>>> {
  const properties = Object.entries(shape).map(([name, schema]) => [
    name,
    readable(schema as z.ZodType, (given as Record<string, unknown> | null | undefined)?.[name]),
  ]);
  return Object.fromEntries(properties.filter(([, value]) => value !== undefined));
}

/** Of a map, the entries that can be read. */
export function readableEntries<T>(schema: z.ZodType<Record<string, T>>, given: unknown): [string, T][] {
  return Object.entries(given ?? {}).flatMap(([name, value]) =>
    Object.entries(readable(schema, { [name]: value }) ?? {}),
  );
}

/** Of a list, the items that can be read. */
export function readableItems<T>(schema: z.ZodType<T>, given: unknown): T[] {
  return itemsOf(given)
    .map((item) => readable(schema, item))
    .filter((item) => item !== undefined);
}

/** One item where a list of it was meant. */
export function itemsOf(given: unknown): unknown[] {
  if (given === undefined) return [];
  return Array.isArray(given) ? given : [given];
}

/** Undefined when it cannot be read. */
function readable<T>(schema: z.ZodType<T>, given: unknown): T | undefined {
  return schema.safeParse(given).data;
}
