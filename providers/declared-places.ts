import * as pulumi from "@pulumi/pulumi";

/** Of each run of a program, known by its root: HOST/NAME -> the resource that is there. One process may run several. */
const runs = new WeakMap<pulumi.Resource, Map<string, string>>();

/**
 * Notes that a resource declares a service of this name on this host.
 *
 * @returns the resource that does so already, if there is one.
 */
export function declarePlace(resource: string, host: string, service: string): string | undefined {
  const root = pulumi.runtime.getStackResource();
  if (root === undefined) return undefined;
  const places = runs.get(root) ?? new Map<string, string>();
  runs.set(root, places);
  const place = `${host}/${service}`;
  const other = places.get(place);
  if (other === undefined) places.set(place, resource);
  return other;
}
