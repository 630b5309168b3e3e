import type { HostSpec } from "../spec/host-spec.ts";
import { dockerConfig, loginMarks } from "./registry-logins.ts";

/** The files under /etc/rundock that anybody may read. */
export function renderHost(
  { name, etcd, maintenance, registries }: HostSpec,
  salt: string,
): Record<string, string> {
  return {
    host: `${name}\n`,
    etcd: etcd.map((url) => `${url}\n`).join(""),
    ...(maintenance ? { maintenance: "declared\n" } : {}),
    ...(registries.length === 0 ? {} : { "docker/logins": loginMarks(registries, salt) }),
  };
}

/** Those that only root may; they are 0600. */
export function renderSecretHostFiles({ registries }: HostSpec): Record<string, string> {
  return registries.length === 0 ? {} : { "docker/config.json": dockerConfig(registries) };
}
