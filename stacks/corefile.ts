import type { CertificatePaths } from "./certificate-files.ts";

/** Seconds for which the world may keep an answer, and so may go on asking a frontend that is gone. */
export const PUBLIC_TTL = 5;

export interface CorefileArgs {
  readonly domain: string;
  /** The only address on which it listens. */
  readonly address: string;
  /** etcd's client URLs. */
  readonly endpoints: readonly string[];
  /** The zone that the world may ask for, and the only address on which it may. @default none */
  readonly publicZone?: { readonly domain: string; readonly address: string };
  /** What it shows to etcd, and by what it knows etcd. @default nothing: etcd is plain */
  readonly tls?: CertificatePaths | undefined;
}

/**
 * The domain from etcd, everything else from the host's own name servers. No cache in front of the domain: CoreDNS's
 * keeps answers for 5 s at least, and a record that went would be answered as long.
 */
export function corefile(args: CorefileArgs): string {
  const { domain, address, publicZone } = args;
  return `${domain} {
  bind ${address}
  errors
  loadbalance
${etcdPlugin("/skydns", args)}}

. {
  bind ${address}
  errors
  forward . /etc/resolv.conf
}
${publicZone === undefined ? "" : publicServer(publicZone, args)}`;
}

function etcdPlugin(path: string, { endpoints, tls }: CorefileArgs): string {
  const lines = [
    `path ${path}`,
    `endpoint ${endpoints.join(" ")}`,
    ...(tls ? [`tls ${tls.certificate} ${tls.key} ${tls.ca}`] : []),
  ];
  return `  etcd {\n${lines.map((line) => `    ${line}\n`).join("")}  }\n`;
}

/**
 * The world asks no other name here, and sees no record of the domain, which lies apart in etcd. The cache keeps etcd from
 * the world's load, and answers on while etcd does not.
 */
function publicServer(
  { domain, address }: NonNullable<CorefileArgs["publicZone"]>,
  args: CorefileArgs,
): string {
  return `
${domain} {
  bind ${address}
  errors
  loadbalance
  cache {
    success 10000 ${PUBLIC_TTL} 0
    denial 10000 ${PUBLIC_TTL} 0
    servfail 0
    serve_stale 24h verify 500ms
  }
${etcdPlugin("/skydns-public", args)}}
`;
}
