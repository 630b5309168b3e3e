/** The one name that an object of JavaScript loses when it is copied key by key, as Pulumi and others do. */
export const LOST_NAME = "__proto__";

export const LOST = "should have another name, since JavaScript keeps this one for itself";

export function hasLostName(given: unknown): boolean {
  return typeof given === "object" && given !== null && Object.hasOwn(given, LOST_NAME);
}

/** Of the maps by their paths, the paths of what would not arrive; undefined when all does. */
export function lostEntries(maps: Readonly<Record<string, unknown>>): string[] | undefined {
  const paths = Object.keys(maps).filter((path) => hasLostName(maps[path]));
  return paths.length === 0 ? undefined : paths.map((path) => `${path}.${LOST_NAME}`);
}
