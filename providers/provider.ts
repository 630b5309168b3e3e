/**
 * "rundock/provider": what the stubs of the resources load in Pulumi's provider process. Each resource
 * has its module with check, diff, create, read, update and delete; the stubs in the state are constant, so a new
 * version of this package serves old state.
 */
import type { ConfigureRequest } from "@pulumi/pulumi/dynamic/index.js";
import { configureOperation } from "./operation.ts";
import { endWithEngine } from "./remote/engine.ts";

/** What Pulumi asks of a resource's provider. */
const METHODS = ["check", "diff", "create", "read", "update", "delete"] as const;

type Methods = Readonly<Record<(typeof METHODS)[number], (...words: never[]) => Promise<unknown>>>;

export const certificateAuthority = onCall(() => import("./certificate-authority-provider.ts"));
export const certificate = onCall(() => import("./certificate-provider.ts"));
export const etcdAccess = onCall(() => import("./etcd-access-provider.ts"));
export const etcdTransport = onCall(() => import("./etcd-transport-provider.ts"));
export const host = onCall(() => import("./host-provider.ts"));
export const imageArchive = onCall(() => import("./image-archive-provider.ts"));
export const randomPassword = onCall(() => import("./random-password-provider.ts"));
export const service = onCall(() => import("./service-provider.ts"));

/** Each operation has a process of its own, and loads what its resources need. */
function onCall<M extends Methods>(load: () => Promise<M>): Pick<M, keyof Methods> {
  const methods = METHODS.map((name) => [
    name,
    async (...words: never[]) => {
      const { [name]: method } = await load();
      return method(...words);
    },
  ]);
  return Object.fromEntries(methods);
}

/** Called by Pulumi once for each kind of stub, with the stack's decrypted configuration. */
export async function configure(request: ConfigureRequest): Promise<void> {
  endWithEngine(process.argv[2]);
  configureOperation((key) => request.config.get(key));
}
