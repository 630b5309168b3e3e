export interface CorefileArgs {
  readonly domain: string;
  /** The only address on which it listens. */
  readonly address: string;
  /** etcd's client URLs. */
  readonly endpoints: readonly string[];
}

/**
 * The domain from etcd, everything else from the host's own name servers. No cache in front of the domain: CoreDNS's
 * keeps answers for 5 s at least, and a record that went would be answered as long.
 */
export function corefile({ domain, address, endpoints }: CorefileArgs): string {
  return `${domain} {
  bind ${address}
  errors
  loadbalance
  etcd {
    path /skydns
    endpoint ${endpoints.join(" ")}
  }
}

. {
  bind ${address}
  errors
  forward . /etc/resolv.conf
}
`;
}
