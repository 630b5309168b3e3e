import type { Composition } from "./composition.ts";
import { type Environment, hostsWithRole } from "./environment.ts";
import type { Site } from "./nginx-configuration.ts";

/** One row for each service on a host. Row by row, since a digest is not known before its host has the image. */
export function servicesTable(compositions: readonly Composition[]) {
  const services = compositions.flatMap((composition) => composition.services);
  return services.map(({ name, host, address, image, digest }) => ({
    service: name,
    host,
    address,
    image,
    digest,
  }));
}

/** `SITE on FRONTEND` -> a URL that opens without any DNS. */
export function endpoints(environment: Environment, sites: readonly Site[]): Record<string, string> {
  const rows = hostsWithRole(environment, "frontend").flatMap(({ facts }) =>
    sites.map(({ service, port }) => [`${service} on ${facts.name}`, url(facts.publicAddress ?? "", port)]),
  );
  return Object.fromEntries(rows);
}

function url(address: string, port: number): string {
  return `http://${address}${port === 80 ? "" : `:${port}`}/`;
}
