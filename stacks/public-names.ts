/**
 * Those of the names that lie in the zone, as they are written in it: `@` is the zone itself. What lies elsewhere is
 * announced by whoever has that zone, and a wildcard cannot be.
 */
export function publicNames(serverNames: readonly string[], zone: string): string[] {
  const names = serverNames.flatMap((name) => {
    if (name === zone) return ["@"];
    return name.endsWith(`.${zone}`) && !name.includes("*") ? [name.slice(0, -zone.length - 1)] : [];
  });
  return [...new Set(names)];
}
