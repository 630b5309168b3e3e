import { type MaintenancePage, maintenancePage } from "./maintenance-page.ts";
import { commonPort, nameOf, portOf, redirects, type Site } from "./site.ts";

/** Where nginx itself answers on every site, for load balancers and the ready gate. */
export const HEALTH_PATH = "/nginx-health";

const HTTPS = 443;

/** Where the configuration lies in the container. */
export const CONFIGURATION_DIRECTORY = "/etc/nginx/rundock";

/** A machine that nginx runs on. */
export interface Frontend {
  /** Where the world reaches it, and the only address on which it listens to the world. */
  readonly address: string;
  readonly privateAddress: string;
}

export interface NginxArgs extends Frontend {
  readonly domain: string;
  /** The CoreDNS to ask. */
  readonly resolver: string;
  readonly others: readonly Frontend[];
  readonly sites: readonly Site[];
}

/**
 * Upstreams come from SRV records and follow them by themselves: no port is written here. `max_fails` is 0, since DNS tells
 * which instances serve: nginx would refuse everything for a while after each of them was slow once. A connection that
 * is refused or not made in time goes to the next instance, whatever the method. A request that is waiting for an instance
 * just when the list of instances changes finds none any more, which nginx tells by the upstream's name in the place of the
 * last address; it is begun anew, unless it may have been sent and is not idempotent (RFC 9110, 9.2.2). One that instances
 * have failed is not: each would get it twice. Every site also answers by its name at the first site's port. Services get
 * the host as the browser sent it, port included: Grafana compares it with the request's origin.
 *
 * A kept connection outlives a reload for `keepalive_min_timeout`, so that its next request is answered and not cut: nobody
 * may send a POST anew.
 *
 * A frontend that knows no instance, for one in the first moments after its start, asks another frontend, which asks no
 * third: `X-Frontend` tells that it was asked by one. What came over TLS goes to it by the private network. Where that
 * spares a request the way to HTTPS, the header counts only from a frontend's own address.
 *
 * Certificates are `tls/NAME.crt` and `tls/NAME.key` beside this text. A TLS connection for a name that no site has is
 * refused, so that no site's certificate is shown for another name.
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
${lines(2, logFormat(sites), ["access_log /var/log/nginx/access.log;"])}  resolver ${bracketed(resolver)} valid=1s ipv6=off;
  resolver_timeout 2s;
  keepalive_min_timeout 10s;
  map $http_upgrade $connection_to_upstream {
    default upgrade;
    "" "";
  }
  map "$request_method;$upstream_connect_time;$upstream_addr" $may_begin_anew {
    default 0;
    "~^(GET|HEAD|OPTIONS|PUT|DELETE);[^;]*;(.*, )?[a-z0-9-]+$" 1;
    "~^[A-Z]+;[-, :]*;(.*, )?[a-z0-9-]+$" 1;
  }
${sites.map((site) => upstreamChoice(site, args)).join("")}  proxy_http_version 1.1;
  proxy_set_header Upgrade $http_upgrade;
  proxy_set_header Connection $connection_to_upstream;
  proxy_set_header Host $http_host;
  proxy_set_header X-Frontend $hostname;
  proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
  proxy_set_header X-Forwarded-Proto ${haveTls(sites) ? "$scheme_of_client" : "$scheme"};
  proxy_connect_timeout 500ms;
  proxy_next_upstream error timeout;
${lines(2, longNames(sites), tlsSettings(args))}${sites.map((site) => upstreams(site, args)).join("")}${tlsOfOtherNames(args)}${sites.map((site) => server(site, args)).join("")}}
`;
}

/** Lines of some blocks, indented. */
function lines(indent: number, ...blocks: readonly (readonly string[])[]): string {
  return blocks
    .flat()
    .map((line) => `${" ".repeat(indent)}${line}\n`)
    .join("");
}

const JSON_FIELDS = {
  time: "$time_iso8601",
  site: "$server_name",
  host: "$host",
  client: "$remote_addr",
  method: "$request_method",
  uri: "$request_uri",
  protocol: "$server_protocol",
  status: "$status",
  bytes: "$body_bytes_sent",
  seconds: "$request_time",
  upstream: "$upstream_addr",
  upstream_status: "$upstream_status",
  upstream_seconds: "$upstream_response_time",
  referer: "$http_referer",
  user_agent: "$http_user_agent",
};
const NUMBERS = ["status", "bytes", "seconds"];

function logFormat(sites: readonly Site[]): string[] {
  if (sites.every(({ accessLog }) => accessLog !== "json")) return [];
  const fields = Object.entries(JSON_FIELDS).map(
    ([name, variable]) => `"${name}":${NUMBERS.includes(name) ? variable : `"${variable}"`}`,
  );
  return [`log_format json escape=json '{${fields.join(",")}}';`];
}

/** Names that are longer do not fit into a processor's cache line, on which nginx insists otherwise. */
function longNames(sites: readonly Site[]): string[] {
  const isLong = ({ serverNames }: Site) => serverNames.some((name) => name.length > 30);
  return sites.some(isLong) ? ["server_names_hash_bucket_size 512;"] : [];
}

function tlsSettings({ sites, others }: NginxArgs): string[] {
  if (!haveTls(sites)) return [];
  const addresses = new Set(others.flatMap(({ address, privateAddress }) => [address, privateAddress]));
  return [
    "ssl_protocols TLSv1.2 TLSv1.3;",
    "ssl_session_cache shared:tls:10m;",
    "ssl_session_timeout 1d;",
    "ssl_session_tickets off;",
    "geo $is_frontend {",
    "  default 0;",
    ...[...addresses].map((address) => `  ${address} 1;`),
    "}",
    'map "$is_frontend $http_x_frontend" $asked_by_frontend {',
    '  default "";',
    '  "~^1 ." yes;',
    "}",
    'map "$scheme $asked_by_frontend" $needs_https {',
    "  default 0;",
    '  "http " 1;',
    "}",
    "map $asked_by_frontend $scheme_of_client {",
    "  default $http_x_forwarded_proto;",
    '  "" $scheme;',
    "}",
  ];
}

function haveTls(sites: readonly Site[]): boolean {
  return sites.some(({ tls }) => tls !== undefined);
}

function upstreamChoice(site: Site, { sites, others }: NginxArgs): string {
  if (others.length === 0) return "";
  return `  map ${haveTls(sites) ? "$asked_by_frontend" : "$http_x_frontend"} ${chosenUpstream(site)} {
    default ${nameOf(site)}-alone;
    "" ${nameOf(site)};
  }
`;
}

function chosenUpstream(site: Site): string {
  return `$upstream_of_${nameOf(site).replaceAll("-", "_")}`;
}

function upstreams(site: Site, args: NginxArgs): string {
  const name = nameOf(site);
  if (args.others.length === 0) return upstream(name, site, args);
  const port = portOf(site, args.sites);
  const addresses = args.others.map((other) =>
    isAskedPrivately(site, other) ? other.privateAddress : other.address,
  );
  const backups = addresses.map((address) => `\n    server ${at(address, port)} backup;`);
  return upstream(name, site, args, backups.join("")) + upstream(`${name}-alone`, site, args);
}

function isAskedPrivately({ tls }: Site, { address, privateAddress }: Frontend): boolean {
  return tls !== undefined && privateAddress !== address;
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

function tlsOfOtherNames({ sites, address }: NginxArgs): string {
  if (!haveTls(sites)) return "";
  return `
  server {
    listen ${at(address, HTTPS)} ssl default_server reuseport;
    ssl_reject_handshake on;
    return 421;
  }
`;
}

function server(site: Site, args: NginxArgs): string {
  const page = maintenancePage(site);
  return `
  server {
${lines(4, listens(site, args), [`server_name ${site.serverNames.join(" ")};`], siteSettings(site))}    location = ${HEALTH_PATH} {
      access_log off;
      return 204;
    }
${page === undefined ? proxied(site, args) : inMaintenance(site, page)}  }
`;
}

function at(address: string, port: number): string {
  return `${bracketed(address)}:${port}`;
}

/** As an IPv6 address is written where a port may follow. */
function bracketed(address: string): string {
  return address.includes(":") ? `[${address}]` : address;
}

/** An option of an address and port is given once, whatever the number of sites there. */
function listens(site: Site, args: NginxArgs): string[] {
  const { address, privateAddress, sites } = args;
  const common = commonPort(sites);
  const port = portOf(site, sites);
  const privately = sites.filter((each) => isAskedPrivately(each, args) && portOf(each, sites) === port);
  return [
    ...(site === sites[0] || port !== common
      ? [`listen ${at(address, port)} default_server reuseport;`]
      : []),
    ...(site === sites[0] ? [] : [`listen ${at(address, common)};`]),
    ...(site.tls === undefined ? [] : [`listen ${at(address, HTTPS)} ssl;`]),
    ...(privately.includes(site)
      ? [`listen ${at(privateAddress, port)}${site === privately[0] ? " default_server reuseport" : ""};`]
      : []),
  ];
}

function siteSettings({ tls, timeouts = {}, retries, accessLog = "combined", bodySize }: Site): string[] {
  const { connect, read, send } = timeouts;
  const { tries, timeout } = retries || {};
  return [
    ...(tls === undefined
      ? []
      : [`http2 on;`, `ssl_certificate tls/${tls}.crt;`, `ssl_certificate_key tls/${tls}.key;`]),
    ...directive("proxy_connect_timeout", milliseconds(connect)),
    ...directive("proxy_read_timeout", milliseconds(read)),
    ...directive("proxy_send_timeout", milliseconds(send)),
    ...directive("proxy_next_upstream", retries === false ? "off" : undefined),
    ...directive("proxy_next_upstream_tries", tries),
    ...directive("proxy_next_upstream_timeout", milliseconds(timeout)),
    ...directive("access_log", LOGS[accessLog]),
    ...directive("client_max_body_size", bodySize),
  ];
}

const LOGS = { combined: undefined, json: "/var/log/nginx/access.log json", off: "off" };

function directive(name: string, value: string | number | undefined): string[] {
  return value === undefined ? [] : [`${name} ${value};`];
}

function milliseconds(seconds: number | undefined): string | undefined {
  return seconds === undefined ? undefined : `${Math.round(seconds * 1000)}ms`;
}

function proxied(site: Site, { others }: NginxArgs): string {
  const upstreamName = others.length === 0 ? nameOf(site) : chosenUpstream(site);
  const pass = `proxy_pass http://${upstreamName};`;
  const { retries, timeouts: { websocket } = {} } = site;
  const begunAnew = retries !== false;
  return lines(
    4,
    ["location / {", ...inside(toHttps(site))],
    websocket === undefined ? [] : inside(toWebsockets),
    inside([pass, ...(begunAnew ? ["error_page 502 = @anew;"] : [])]),
    ["}"],
    begunAnew
      ? ["location @anew {", "  if ($may_begin_anew = 0) {", "    return 502;", "  }", `  ${pass}`, "}"]
      : [],
    websocket === undefined ? [] : ["location @websocket {", ...inside([...silence(websocket), pass]), "}"],
  );
}

function inside(block: readonly string[]): string[] {
  return block.map((line) => `  ${line}`);
}

function toHttps(site: Site): string[] {
  return redirects(site) ? ["if ($needs_https) {", "  return 308 https://$host$request_uri;", "}"] : [];
}

/** A timeout cannot be chosen by a condition, a location can; 418 is a status that nothing else has. */
const toWebsockets = [
  "error_page 418 = @websocket;",
  "if ($connection_to_upstream = upgrade) {",
  "  return 418;",
  "}",
];

function silence(seconds: number): string[] {
  return [`proxy_read_timeout ${milliseconds(seconds)};`, `proxy_send_timeout ${milliseconds(seconds)};`];
}

/** A request with a body is asked for as a GET at the page's own place, which a file answers. */
function inMaintenance(site: Site, { file, type, status, retryAfter }: MaintenancePage): string {
  return lines(
    4,
    [`error_page ${status} ${PAGE_PATH};`],
    ["location / {", ...inside([...toHttps(site), `return ${status};`]), "}"],
    [
      `location = ${PAGE_PATH} {`,
      ...inside([
        "internal;",
        "types {",
        "}",
        `default_type "${type}";`,
        `add_header Retry-After ${retryAfter} always;`,
        "add_header Cache-Control no-store always;",
        `alias ${CONFIGURATION_DIRECTORY}/current/config/${file};`,
      ]),
      "}",
    ],
  );
}

const PAGE_PATH = "/nginx-maintenance";
