import * as pulumi from "@pulumi/pulumi";
import type { RundockService } from "rundock";

/** Some services that belong together. */
export abstract class Composition extends pulumi.ComponentResource {
  abstract readonly services: readonly RundockService[];

  constructor(kind: string, name: string, opts?: pulumi.ComponentResourceOptions) {
    super(`rundock:stacks:${kind}`, name, {}, opts);
  }
}
