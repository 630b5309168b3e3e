import { createHash } from "node:crypto";
import type { AnnounceSpec, HostFactsSpec, ServiceSpec } from "../spec/service-spec.ts";

/** What the announcer needs to know of a service, as JSON in a fixed order. */
export function announceText({ name, host }: ServiceSpec, announce: AnnounceSpec): string {
  const { port, probe, ttl, priority, weight, aliases } = announce;
  const record = {
    key: recordKey(announce.name, announce, host, name),
    ...(aliases.length === 0
      ? {}
      : { aliases: aliases.map((alias) => recordKey(alias, announce, host, name)) }),
    port,
    address: addressOf(announce, host),
    ttl,
    priority,
    weight,
    probe,
  };
  return `${JSON.stringify({ service: name, mark: markOf(record), ...record }, null, 2)}\n`;
}

/** Under which CoreDNS's etcd plugin looks for the addresses of the zone itself. */
const APEX = "apex.dns";

/**
 * SkyDNS's key: the labels of the name in reverse, then the machine and the service, so that the name alone answers with
 * all instances, and the machine before it with those on that machine. Lower case, since a query is put into lower case
 * before it is looked up.
 */
function recordKey(name: string, { domain }: AnnounceSpec, host: HostFactsSpec, service: string): string {
  const instance = service.replaceAll(/[._]/g, "-");
  const labels = [instance, host.name, ...(name === "@" ? APEX : name).split("."), ...domain.split(".")];
  return `/${domain === host.domain ? "skydns" : "skydns-public"}/${labels.reverse().join("/").toLowerCase()}`;
}

/** Tells one announcement from another, so that apply.sh knows when the announcer has put this one. */
function markOf(record: object): string {
  return createHash("sha256").update(JSON.stringify(record)).digest("hex").slice(0, 8);
}

/** null is the container's own address, which only the host knows. */
function addressOf({ as }: AnnounceSpec, host: HostFactsSpec): string | null {
  return { private: host.privateAddress, public: host.publicAddress, container: null }[as];
}
