import type * as pulumi from "@pulumi/pulumi";

/** Pulumi takes its time for each property of a resource, one that is undefined too. */
export function withoutUndefined(values: pulumi.Inputs): pulumi.Inputs {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
