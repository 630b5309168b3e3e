import type * as pulumi from "@pulumi/pulumi";
import { type HostReference, RundockService } from "rundock";
import { Composition } from "./composition.ts";

export interface MonitoringArgs {
  readonly hosts: readonly HostReference[];
  readonly image: string;
  /** Under which InfluxDB is found. */
  readonly domain: string;
}

/** collectd on each host; it sends the machine's load, memory and processor time to InfluxDB by its discovered name. */
export class Monitoring extends Composition {
  readonly services: readonly RundockService[];

  constructor(
    name: string,
    { hosts, image, domain }: MonitoringArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("Monitoring", name, opts);
    this.services = hosts.map(
      (host) =>
        new RundockService(
          `collectd-${host.facts.name}`,
          {
            host,
            name: "collectd",
            image,
            dns: [host.facts.privateAddress],
            files: { "/etc/collectd/collectd.conf": collectdConfiguration(host.facts.name, domain) },
          },
          { parent: this },
        ),
    );
  }
}

function collectdConfiguration(host: string, domain: string): string {
  return `Hostname "${host}"
Interval 5

LoadPlugin cpu
LoadPlugin load
LoadPlugin memory
LoadPlugin write_graphite

<Plugin cpu>
  ReportByCpu false
  ReportByState false
  ValuesPercentage true
</Plugin>

<Plugin write_graphite>
  <Node "influxdb">
    Host "influxdb.${domain}"
    Port "2003"
    Protocol "tcp"
    EscapeCharacter "_"
  </Node>
</Plugin>
`;
}
