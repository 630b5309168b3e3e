/**
 * The digest of a service's image on its host, of the names with digests that Docker knows for it.
 *
 * @returns null for an image that came from no registry.
 */
export function digestOf(image: string, names: readonly string[]): string | null {
  const own = image.split("@")[1];
  if (own !== undefined) return own;
  const name = image.replace(/:[\w.-]+$/, "");
  const known = names.find((each) => each.startsWith(`${name}@`)) ?? names[0];
  return known?.split("@")[1] ?? null;
}
