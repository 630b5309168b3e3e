import type * as pulumi from "@pulumi/pulumi";
import { type HostReference, RundockService } from "rundock";
import { Composition } from "./composition.ts";
import { HEALTH_PATH, nginxConfiguration, type Site } from "./nginx-configuration.ts";

export interface FrontendArgs {
  readonly hosts: readonly HostReference[];
  readonly image: string;
  readonly domain: string;
  readonly sites: readonly Site[];
}

/** nginx on each frontend, 1.27.3 or newer, with the same sites. A changed site is checked and reloaded, not restarted. */
export class Nginx extends Composition {
  readonly services: readonly RundockService[];

  constructor(name: string, args: FrontendArgs, opts?: pulumi.ComponentResourceOptions) {
    super("Nginx", name, opts);
    this.services = args.hosts.map((host) => this.#frontend(name, host, args));
  }

  #frontend(
    name: string,
    host: HostReference,
    { hosts, image, domain, sites }: FrontendArgs,
  ): RundockService {
    const address = listeningAddress(host);
    const others = hosts.filter((other) => other !== host).map(listeningAddress);
    const resolver = host.facts.privateAddress;
    const text = nginxConfiguration({ domain, sites, resolver, address, others });
    return new RundockService(
      `${name}-${host.facts.name}`,
      {
        host,
        name,
        image,
        network: "host",
        command: ["nginx", "-c", "{config}/nginx.conf", "-g", "daemon off;"],
        config: {
          directory: "/etc/nginx/rundock",
          files: { "nginx.conf": text },
          check: ["nginx", "-t", "-q", "-c", "{config}/nginx.conf"],
          reload: { signal: "HUP" },
        },
        ready: { http: HEALTH_PATH, port: sites[0]?.port ?? 80, address, status: "204" },
        // Both listen with reuseport, so the new one takes connections before the old one ends its own.
        update: { order: "start-first", stopTimeout: 60, group: name },
      },
      { parent: this },
    );
  }
}

function listeningAddress({ facts }: HostReference): string {
  return facts.publicAddress ?? facts.privateAddress;
}
