import * as pulumi from "@pulumi/pulumi";
import type { HostReference } from "rundock";
import type { Composition } from "./composition.ts";
import type { Configuration } from "./configuration.ts";
import { Discovery } from "./discovery.ts";
import { type Environment, hostsOf, hostsWithRole } from "./environment.ts";
import { Grafana } from "./grafana.ts";
import { InfluxDb } from "./influxdb.ts";
import { Monitoring } from "./monitoring.ts";
import { Nginx } from "./nginx.ts";
import type { Site } from "./site.ts";
import { Web } from "./web.ts";

const DATABASE = "metrics";
const WEB_PORT = 8080;

/** Makes the configured compositions. All but discovery itself wait for it, since they are found through it. */
export function deploy(configuration: Configuration, environment: Environment): Composition[] {
  const { images } = configuration;
  const { domain, publicDomain, identities } = environment;
  const hosts = hostsOf(environment);
  const frontends = hostsWithRole(environment, "frontend");
  const backends = hostsWithRole(environment, "backend");
  const [first, second = first] = backends as [HostReference, ...HostReference[]];
  const isWanted = (name: Configuration["deploy"][number]) => configuration.deploy.includes(name);

  const publicZone =
    publicDomain === undefined ? {} : { publicZone: { domain: publicDomain, hosts: frontends } };
  const discovery = isWanted("discovery")
    ? [new Discovery("discovery", { domain, members: backends, hosts, images, identities, ...publicZone })]
    : [];
  const opts = { dependsOn: discovery };
  const influxdb = () =>
    new InfluxDb("influxdb", { host: first, image: images.influxdb, database: DATABASE }, opts);
  const adminPassword = configuration.grafanaAdminPassword ?? pulumi.secret("");
  const grafana = () =>
    new Grafana(
      "grafana",
      { host: second, image: images.grafana, domain, database: DATABASE, adminPassword },
      opts,
    );
  const web = () => new Web("web", { hosts: backends, image: images.web, port: WEB_PORT }, opts);
  const nginx = () =>
    new Nginx(
      "nginx",
      {
        hosts: frontends,
        image: images.nginx,
        domain,
        publicDomain,
        sites: sitesOf(configuration, environment),
        certificates: configuration.certificates,
      },
      opts,
    );
  const monitoring = () =>
    new Monitoring("monitoring", { hosts, image: images.collectd ?? "", domain }, opts);

  const rest = { influxdb, grafana, web, nginx, monitoring };
  const wanted = Object.entries(rest).filter(([name]) => isWanted(name as keyof typeof rest));
  return [...discovery, ...wanted.map(([, make]) => make())];
}

/** What is configured, else the services of the environment. */
export function sitesOf(
  { sites }: Pick<Configuration, "sites">,
  { domain, publicDomain = domain }: Pick<Environment, "domain" | "publicDomain">,
): readonly Site[] {
  return (
    sites ?? [
      { serverNames: [`web.${publicDomain}`], service: "web", port: 80 },
      { serverNames: [`grafana.${publicDomain}`], service: "grafana", port: 3000, keepalive: 512 },
    ]
  );
}
