/** Where nginx itself answers on every site, for load balancers and the ready gate. */
export const HEALTH_PATH = "/nginx-health";

/** What the world calls a service, and which one it is. */
export interface Site {
  readonly serverName: string;
  /** The name under which the service is announced. */
  readonly service: string;
  /** At which port of the public address it answers whatever name it is called by; no two sites share one. */
  readonly port: number;
  /** Idle connections to the service that are kept. @default 32 */
  readonly keepalive?: number;
}

export interface NginxArgs {
  readonly domain: string;
  /** The CoreDNS to ask. */
  readonly resolver: string;
  /** The only address on which it listens. */
  readonly address: string;
  /** Where the other frontends listen. */
  readonly others: readonly string[];
  readonly sites: readonly Site[];
}

/**
 * Upstreams come from SRV records and follow them by themselves: no port is written here. `max_fails` is 0, since DNS tells
 * which instances serve: nginx would refuse everything for a while after each of them was slow once. A connection that
 * is refused or not made in time goes to the next instance, whatever the method. A request that is waiting for an instance
 * just when the list of instances changes finds none any more; it is begun anew, unless it may have been sent and is not
 * idempotent (RFC 9110, 9.2.2). Every site also answers by its name at
 * the first site's port. Services get the host as the browser sent it, port included: Grafana compares it with the
 * request's origin.
 *
 * A frontend that knows no instance, for one in the first moments after its start, asks another frontend, which asks no
 * third: `X-Frontend` tells that it was asked by one.
 */
export function nginxConfiguration(args: NginxArgs): string {
  const { resolver, sites } = args;
  return `user nginx;
worker_processes auto;
error_log /var/log/nginx/error.log notice;
pid /run/nginx.pid;

events {
  worker_connections 4096;
}

http {
  include /etc/nginx/mime.types;
  access_log /var/log/nginx/access.log;
  resolver ${resolver} valid=1s ipv6=off;
  resolver_timeout 2s;
  map $http_upgrade $connection_to_upstream {
    default upgrade;
    "" "";
  }
  map "$request_method $upstream_connect_time" $may_begin_anew {
    default 0;
    "~^(GET|HEAD|OPTIONS|PUT|DELETE) " 1;
    "~^[A-Z]+ [-, :]*$" 1;
  }
${sites.map((site) => upstreamChoice(site, args)).join("")}  proxy_http_version 1.1;
  proxy_set_header Upgrade $http_upgrade;
  proxy_set_header Connection $connection_to_upstream;
  proxy_set_header Host $http_host;
  proxy_set_header X-Frontend $hostname;
  proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
  proxy_set_header X-Forwarded-Proto $scheme;
  proxy_connect_timeout 500ms;
  proxy_next_upstream error timeout;
${sites.map((site) => upstreams(site, args)).join("")}${sites.map((site, index) => server(site, index, args)).join("")}}
`;
}

function upstreamChoice({ service }: Site, { others }: NginxArgs): string {
  if (others.length === 0) return "";
  return `  map $http_x_frontend $upstream_of_${service.replaceAll("-", "_")} {
    default ${service}-alone;
    "" ${service};
  }
`;
}

function upstreams(site: Site, args: NginxArgs): string {
  if (args.others.length === 0) return upstream(site.service, site, args);
  const backups = args.others.map((other) => `\n    server ${other}:${site.port} backup;`);
  return upstream(site.service, site, args, backups.join("")) + upstream(`${site.service}-alone`, site, args);
}

/** nginx puts a service with a dot before the server's name as it is, so the SRV query is for SERVICE.DOMAIN. */
function upstream(
  name: string,
  { service, keepalive = 32 }: Site,
  { domain }: NginxArgs,
  backups = "",
): string {
  const [first, ...rest] = domain.split(".");
  return `
  upstream ${name} {
    zone ${name} 64k;
    server ${rest.join(".")} service=${service}.${first} resolve max_fails=0;${backups}
    keepalive ${keepalive};
  }
`;
}

function server(
  { serverName, service, port }: Site,
  index: number,
  { address, others, sites }: NginxArgs,
): string {
  const upstreamName = others.length === 0 ? service : `$upstream_of_${service.replaceAll("-", "_")}`;
  const byName = index === 0 ? "" : `\n    listen ${address}:${sites[0]?.port};`;
  return `
  server {
    listen ${address}:${port} default_server reuseport;${byName}
    server_name ${serverName};
    location = ${HEALTH_PATH} {
      access_log off;
      return 204;
    }
    location / {
      proxy_pass http://${upstreamName};
      error_page 502 = @anew;
    }
    location @anew {
      if ($may_begin_anew = 0) {
        return 502;
      }
      proxy_pass http://${upstreamName};
    }
  }
`;
}
