import * as pulumi from "@pulumi/pulumi";

/** Keeps in the state how the members of etcd's cluster talk, so that an `up` which would turn them is refused. */
export class EtcdTransport extends pulumi.dynamic.Resource {
  constructor(name: string, transport: "plain" | "tls", opts: pulumi.CustomResourceOptions = {}) {
    super(stub, name, { transport }, opts, "rundock", "EtcdTransport");
  }
}

/** Serialized into the state, so constant: it captures nothing and loads the installed code when it is called. */
const stub: pulumi.dynamic.ResourceProvider = {
  configure: async (request) => (await import("rundock/provider")).configure(request),
  check: async (olds, news) => (await import("rundock/provider")).etcdTransport.check(olds, news),
  diff: async () => (await import("rundock/provider")).etcdTransport.diff(),
  create: async (inputs) => (await import("rundock/provider")).etcdTransport.create(inputs),
  read: async (id, props) => (await import("rundock/provider")).etcdTransport.read(id, props),
  update: async (_id, _olds, news) => (await import("rundock/provider")).etcdTransport.update(news),
  delete: async () => (await import("rundock/provider")).etcdTransport.delete(),
};
