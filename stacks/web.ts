import type * as pulumi from "@pulumi/pulumi";
import { Fleet, type HostReference, type RundockService } from "rundock";
import { Composition } from "./composition.ts";

export interface WebArgs {
  readonly hosts: readonly HostReference[];
  readonly image: string;
  /** The port in the container. */
  readonly port: number;
}

/** A small web service on each host, at a port that Docker picks: nobody needs to know it. */
export class Web extends Composition {
  readonly services: readonly RundockService[];

  constructor(name: string, { hosts, image, port }: WebArgs, opts?: pulumi.ComponentResourceOptions) {
    super("Web", name, opts);
    const fleet = new Fleet(
      name,
      {
        hosts,
        image,
        env: { PORT: String(port) },
        announce: { port, probe: { http: "/" } },
        ready: { http: "/" },
      },
      { parent: this },
    );
    this.services = fleet.services;
  }
}
