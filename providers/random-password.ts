import type * as pulumi from "@pulumi/pulumi";
import { DynamicResource } from "./dynamic-resource.ts";

/** A password of 32 characters that is drawn once and kept in the state. `pulumi up --replace` on it draws another one. */
export class RandomPassword extends DynamicResource {
  /** A secret. */
  declare readonly value: pulumi.Output<string>;

  constructor(name: string, opts: pulumi.CustomResourceOptions = {}) {
    const options = { ...opts, additionalSecretOutputs: ["value"] };
    super("RandomPassword", name, { value: undefined }, options);
  }
}
