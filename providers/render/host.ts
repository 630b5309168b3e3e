import type { HostSpec } from "../spec/host-spec.ts";

/** The files under /etc/rundock. */
export function renderHost({ name, etcd }: HostSpec): Record<string, string> {
  return { host: `${name}\n`, etcd: etcd.map((url) => `${url}\n`).join("") };
}
