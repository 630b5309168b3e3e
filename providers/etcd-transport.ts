import type * as pulumi from "@pulumi/pulumi";
import { DynamicResource } from "./dynamic-resource.ts";
import type { TransportState } from "./etcd-transport-provider.ts";

/** Keeps in the state how the members of etcd's cluster talk, so that an `up` which would turn them is refused. */
export class EtcdTransport extends DynamicResource {
  constructor(name: string, transport: TransportState["transport"], opts: pulumi.CustomResourceOptions = {}) {
    super("EtcdTransport", name, { transport }, opts);
  }
}
