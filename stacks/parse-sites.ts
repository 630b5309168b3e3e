import type { SpecFailure } from "../providers/spec/spec-error.ts";
import { commonPort, nameOf, redirects, type Site } from "./site.ts";

const HTTPS = 443;

/** What one site says about another, or about the certificates that there are. */
export function siteFailures(sites: readonly Site[], certificates: readonly string[]): SpecFailure[] {
  return sites.flatMap((site, index) => [
    ...nameFailures(site, index, sites),
    ...portFailures(site, index, sites),
    ...tlsFailures(site, `sites[${index}]`, certificates),
  ]);
}

function nameFailures(site: Site, index: number, sites: readonly Site[]): SpecFailure[] {
  const others = sites.slice(0, index);
  const named = sites.flatMap(({ serverNames }) => serverNames);
  const before = others.flatMap(({ serverNames }) => serverNames).length;
  return [
    ...(others.some((other) => nameOf(other) === nameOf(site))
      ? [{ path: `sites[${index}].name`, message: `another site is called ${nameOf(site)} too` }]
      : []),
    ...site.serverNames.flatMap((name, at) =>
      named.indexOf(name) < before + at
        ? [{ path: `sites[${index}].serverNames[${at}]`, message: `${name} is there twice` }]
        : [],
    ),
  ];
}

function portFailures({ port }: Site, index: number, sites: readonly Site[]): SpecFailure[] {
  const path = `sites[${index}].port`;
  const own = index === 0 ? commonPort(sites) : port;
  if (own === undefined) return [];
  if (own === HTTPS) return [{ path, message: "should be for plain HTTP, which 443 is not" }];
  if (index > 0 && own === commonPort(sites))
    return [{ path, message: `should be left out: every site answers at ${own} by its names` }];
  const isTaken = sites.slice(0, index).some((other) => other.port === own);
  return isTaken ? [{ path, message: `another site has the port ${own}` }] : [];
}

function tlsFailures(site: Site, path: string, certificates: readonly string[]): SpecFailure[] {
  const { tls } = site;
  if (tls === undefined) {
    const message = "should stand only together with tls";
    return redirects(site) ? [{ path: `${path}.redirectToHttps`, message }] : [];
  }
  const message = `${tls} is missing in rundock:tls: pulumi config set --secret --path rundock:tls.${tls}.certificate, and .key`;
  return certificates.includes(tls) ? [] : [{ path: `${path}.tls`, message }];
}
