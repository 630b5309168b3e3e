import type { Composition } from "./composition.ts";
import { type Environment, hostsWithRole } from "./environment.ts";
import { maintenancePage } from "./maintenance-page.ts";
import { commonPort, nameOf, portOf, redirects, type Site } from "./site.ts";

/** One row for each service on a host. Row by row, since a digest is not known before its host has the image. */
export function servicesTable(compositions: readonly Composition[]) {
  const services = compositions.flatMap((composition) => composition.services);
  return services.map(({ name, host, address, image, digest, state }) => ({
    service: name,
    host,
    address,
    image,
    digest,
    state,
  }));
}

/** The names of the sites that show a page in the place of their service. */
export function sitesInMaintenance(sites: readonly Site[]): string[] {
  return sites.filter((site) => maintenancePage(site) !== undefined).map(nameOf);
}

/** `SITE on FRONTEND` -> a URL that opens without any DNS, or `SITE` -> the one by its name, where it has no port of its own. */
export function endpoints(environment: Environment, sites: readonly Site[]): Record<string, string> {
  const frontends = hostsWithRole(environment, "frontend");
  const rows = sites.flatMap((site) => {
    const name = nameOf(site);
    if (redirects(site) || (site !== sites[0] && site.port === undefined))
      return [[name, urlByName(site, sites)]];
    return frontends.map(({ facts }) => [
      `${name} on ${facts.name}`,
      url(facts.publicAddress ?? "", portOf(site, sites)),
    ]);
  });
  return Object.fromEntries(rows);
}

function urlByName(site: Site, sites: readonly Site[]): string {
  const [name = ""] = site.serverNames;
  return redirects(site) ? `https://${name}/` : url(name, commonPort(sites));
}

function url(address: string, port: number): string {
  return `http://${address.includes(":") ? `[${address}]` : address}${port === 80 ? "" : `:${port}`}/`;
}
