import * as pulumi from "@pulumi/pulumi";

/** A password of 32 characters that is drawn once and kept in the state. `pulumi up --replace` on it draws another one. */
export class RandomPassword extends pulumi.dynamic.Resource {
  /** A secret. */
  declare readonly value: pulumi.Output<string>;

  constructor(name: string, opts: pulumi.CustomResourceOptions = {}) {
    const options = { ...opts, additionalSecretOutputs: ["value"] };
    super(stub, name, { value: undefined }, options, "rundock", "RandomPassword");
  }
}

/** Serialized into the state, so constant: it captures nothing and loads the installed code when it is called. */
const stub: pulumi.dynamic.ResourceProvider = {
  configure: async (request) => (await import("rundock/provider")).configure(request),
  check: async () => (await import("rundock/provider")).randomPassword.check(),
  diff: async () => (await import("rundock/provider")).randomPassword.diff(),
  create: async () => (await import("rundock/provider")).randomPassword.create(),
  read: async (id, props) => (await import("rundock/provider")).randomPassword.read(id, props),
  update: async (id, olds) => (await import("rundock/provider")).randomPassword.update(id, olds),
  delete: async () => (await import("rundock/provider")).randomPassword.delete(),
};
