/**
 * "rundock/provider": what the stubs of the resources load in Pulumi's provider process. Each resource
 * has its module with check, diff, create, read, update and delete; the stubs in the state are constant, so a new
 * version of this package serves old state.
 */
import type { ConfigureRequest } from "@pulumi/pulumi/dynamic/index.js";
import { configureOperation } from "./operation.ts";
import { endWithEngine } from "./remote/engine.ts";

export * as certificateAuthority from "./certificate-authority-provider.ts";
export * as certificate from "./certificate-provider.ts";
export * as etcdAccess from "./etcd-access-provider.ts";
export * as etcdTransport from "./etcd-transport-provider.ts";
export * as host from "./host-provider.ts";
export * as imageArchive from "./image-archive-provider.ts";
export * as randomPassword from "./random-password-provider.ts";
export * as service from "./service-provider.ts";

/** Called by Pulumi once for each kind of stub, with the stack's decrypted configuration. */
export async function configure(request: ConfigureRequest): Promise<void> {
  endWithEngine(process.argv[2]);
  configureOperation((key) => request.config.get(key));
}
