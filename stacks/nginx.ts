import type * as pulumi from "@pulumi/pulumi";
import { Fleet, type HostReference, type RundockService } from "rundock";
import { Composition } from "./composition.ts";
import { PUBLIC_TTL } from "./corefile.ts";
import { maintenancePage } from "./maintenance-page.ts";
import {
  CONFIGURATION_DIRECTORY,
  type Frontend,
  HEALTH_PATH,
  nginxConfiguration,
} from "./nginx-configuration.ts";
import { publicNames } from "./public-names.ts";
import { commonPort, type Site } from "./site.ts";
import type { Certificates } from "./tls-certificates.ts";

export interface FrontendArgs {
  readonly hosts: readonly HostReference[];
  readonly image: string;
  readonly domain: string;
  /** The zone in which the frontends are announced to the world, each at its public address. @default not announced */
  readonly publicDomain?: string | undefined;
  readonly sites: readonly Site[];
  /** By the names that the sites use. Secrets. */
  readonly certificates?: pulumi.Output<Certificates> | undefined;
}

/** nginx on each frontend, 1.27.4 or newer, with the same sites. A changed site or certificate is checked and reloaded. */
export class Nginx extends Composition {
  readonly services: readonly RundockService[];

  constructor(name: string, args: FrontendArgs, opts?: pulumi.ComponentResourceOptions) {
    super("Nginx", name, opts);
    const { hosts, image, sites } = args;
    const announce = announcement(args);
    const fleet = new Fleet(
      name,
      {
        hosts,
        image,
        network: "host",
        command: ["nginx", "-c", "{config}/nginx.conf", "-g", "daemon off;"],
        // Both listen with reuseport, so the new one takes connections before the old one ends its own.
        update: { order: "start-first", stopTimeout: 60, ...(announce ? { drain: 2 * PUBLIC_TTL } : {}) },
        ...(announce ? { announce } : {}),
        perHost: (host) => ({
          config: liveConfiguration(args, host),
          ready: {
            http: HEALTH_PATH,
            port: commonPort(sites),
            address: listeningAddress(host),
            status: "204",
          },
        }),
      },
      { parent: this },
    );
    this.services = fleet.services;
  }
}

/** The name of the frontends themselves in the public zone, for other zones to point at. */
const FRONTENDS = "frontends";

function announcement({ publicDomain, sites }: FrontendArgs) {
  if (publicDomain === undefined) return undefined;
  const names = publicNames(
    sites.flatMap(({ serverNames }) => serverNames),
    publicDomain,
  );
  return {
    port: commonPort(sites),
    as: "public" as const,
    domain: publicDomain,
    name: FRONTENDS,
    aliases: names.filter((name) => name !== FRONTENDS),
    probe: { http: HEALTH_PATH },
    ttl: PUBLIC_TTL,
  };
}

function listeningAddress({ facts }: HostReference): string {
  return facts.publicAddress ?? facts.privateAddress;
}

function frontendOn(host: HostReference): Frontend {
  return { address: listeningAddress(host), privateAddress: host.facts.privateAddress };
}

function liveConfiguration(args: FrontendArgs, host: HostReference) {
  const { hosts, domain, sites } = args;
  const others = hosts.filter((other) => other !== host).map(frontendOn);
  const resolver = host.facts.privateAddress;
  const pages = sites.flatMap((site) => maintenancePage(site) ?? []);
  return {
    directory: CONFIGURATION_DIRECTORY,
    files: {
      "nginx.conf": nginxConfiguration({ domain, sites, resolver, ...frontendOn(host), others }),
      ...Object.fromEntries(pages.map(({ file, content }) => [file, content])),
      ...certificateFiles(args),
    },
    check: ["nginx", "-t", "-q", "-c", "{config}/nginx.conf"],
    reload: { signal: "HUP" },
  };
}

function certificateFiles({ sites, certificates }: FrontendArgs): Record<string, pulumi.Output<string>> {
  const names = new Set(sites.flatMap(({ tls }) => tls ?? []));
  if (certificates === undefined) return {};
  const file = (name: string, part: "certificate" | "key") =>
    certificates.apply((all) => `${all[name]?.[part].trimEnd()}\n`);
  return Object.fromEntries(
    [...names].flatMap((name) => [
      [`tls/${name}.crt`, file(name, "certificate")],
      [`tls/${name}.key`, file(name, "key")],
    ]),
  );
}
