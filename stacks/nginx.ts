import type * as pulumi from "@pulumi/pulumi";
import { Fleet, type HostReference, type RundockService } from "rundock";
import { Composition } from "./composition.ts";
import { PUBLIC_TTL } from "./corefile.ts";
import { HEALTH_PATH, nginxConfiguration, type Site } from "./nginx-configuration.ts";
import { publicNames } from "./public-names.ts";

export interface FrontendArgs {
  readonly hosts: readonly HostReference[];
  readonly image: string;
  readonly domain: string;
  /** The zone in which the frontends are announced to the world, each at its public address. @default not announced */
  readonly publicDomain?: string | undefined;
  readonly sites: readonly Site[];
}

/** nginx on each frontend, 1.27.3 or newer, with the same sites. A changed site is checked and reloaded, not restarted. */
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
            port: sites[0]?.port ?? 80,
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
    sites.map(({ serverName }) => serverName),
    publicDomain,
  );
  return {
    port: sites[0]?.port ?? 80,
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

function liveConfiguration({ hosts, domain, sites }: FrontendArgs, host: HostReference) {
  const address = listeningAddress(host);
  const others = hosts.filter((other) => other !== host).map(listeningAddress);
  const resolver = host.facts.privateAddress;
  return {
    directory: "/etc/nginx/rundock",
    files: { "nginx.conf": nginxConfiguration({ domain, sites, resolver, address, others }) },
    check: ["nginx", "-t", "-q", "-c", "{config}/nginx.conf"],
    reload: { signal: "HUP" },
  };
}
