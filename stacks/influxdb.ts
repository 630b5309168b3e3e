import type * as pulumi from "@pulumi/pulumi";
import { type HostReference, RundockService } from "rundock";
import { Composition } from "./composition.ts";

export interface InfluxDbArgs {
  readonly host: HostReference;
  readonly image: string;
  /** The database that is made at the first start. */
  readonly database: string;
  /** A container that holds the data instead of the named volume `influxdb-data`. @default none */
  readonly dataContainer?: string;
}

/** InfluxDB 1.x: its HTTP API announced on 8086, and a Graphite listener on 2003 for collectors. */
export class InfluxDb extends Composition {
  readonly services: readonly RundockService[];

  constructor(
    name: string,
    { host, image, database, dataContainer }: InfluxDbArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("InfluxDb", name, opts);
    const data = dataContainer
      ? { args: [`--volumes-from=${dataContainer}`] }
      : { volumes: ["influxdb-data:/var/lib/influxdb"] };
    const service = new RundockService(
      name,
      {
        host,
        image,
        ...data,
        env: {
          INFLUXDB_DB: database,
          INFLUXDB_GRAPHITE_0_ENABLED: "true",
          INFLUXDB_GRAPHITE_0_BIND_ADDRESS: ":2003",
          INFLUXDB_GRAPHITE_0_DATABASE: database,
          INFLUXDB_GRAPHITE_0_TEMPLATES: "host.measurement*",
        },
        ports: ["2003:2003"],
        announce: { port: 8086, publish: 8086, probe: { http: "/ping" } },
        ready: { http: "/ping", status: "204" },
      },
      { parent: this },
    );
    this.services = [service];
  }
}
