import * as pulumi from "@pulumi/pulumi";
import { type HostReference, RundockService } from "rundock";
import { Composition } from "./composition.ts";
import { dashboard, dashboardProvider, influxDataSource } from "./grafana-provisioning.ts";

const PASSWORD_FILE = "/run/secrets/grafana-admin-password";

export interface GrafanaArgs {
  readonly host: HostReference;
  readonly image: string;
  /** Under which InfluxDB is found. */
  readonly domain: string;
  readonly database: string;
  /** A secret. */
  readonly adminPassword: pulumi.Input<string>;
}

/**
 * Grafana, announced on 8087, with InfluxDB as its data source and a dashboard of the machines. All of it comes from this
 * program: what people save in Grafana goes with its container.
 */
export class Grafana extends Composition {
  readonly services: readonly RundockService[];

  constructor(name: string, args: GrafanaArgs, opts?: pulumi.ComponentResourceOptions) {
    super("Grafana", name, opts);
    const service = new RundockService(
      name,
      {
        host: args.host,
        image: args.image,
        dns: [args.host.facts.privateAddress],
        env: { GF_SECURITY_ADMIN_PASSWORD__FILE: PASSWORD_FILE },
        files: {
          [PASSWORD_FILE]: readableByGrafana(args.adminPassword),
          "/etc/grafana/provisioning/datasources/influxdb.yaml": influxDataSource(args.domain, args.database),
          "/etc/grafana/provisioning/dashboards/machines.yaml": dashboardProvider(),
          "/etc/grafana/dashboards/machines.json": dashboard(),
        },
        announce: { port: 3000, publish: 8087, probe: { http: "/api/health" } },
        ready: { http: "/api/health" },
      },
      { parent: this },
    );
    this.services = [service];
  }
}

/** The image runs as a user of its own; on the host the file lies in a folder that only root enters. */
function readableByGrafana(password: pulumi.Input<string>) {
  return pulumi.secret(password).apply((content) => ({ content, mode: "0444" }));
}
