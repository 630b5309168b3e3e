import type { HostSpec } from "../spec/host-spec.ts";
import { etcdClientFiles, secretEtcdClientFiles } from "./etcd-client.ts";
import { dockerConfig, loginMarks } from "./registry-logins.ts";

/** The files under /etc/rundock that anybody may read. */
export function renderHost(
  { name, etcd, etcdAccess, maintenance, registries }: HostSpec,
  salt: string,
): Record<string, string> {
  return {
    host: `${name}\n`,
    etcd: etcd.map((url) => `${url}\n`).join(""),
    ...(maintenance ? { maintenance: "declared\n" } : {}),
    ...(etcdAccess === null ? {} : etcdClientFiles(etcdAccess, salt)),
    ...(registries.length === 0 ? {} : { "docker/logins": loginMarks(registries, salt) }),
  };
}

/** Those that only root may; they are 0600. */
export function renderSecretHostFiles({ etcdAccess, registries }: HostSpec): Record<string, string> {
  return {
    ...(etcdAccess === null ? {} : secretEtcdClientFiles(etcdAccess)),
    ...(registries.length === 0 ? {} : { "docker/config.json": dockerConfig(registries) }),
  };
}
