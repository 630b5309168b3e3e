import * as pulumi from "@pulumi/pulumi";
import type * as provider from "./provider.ts";

/** The modules of "rundock/provider", by name: its types would bring those of SSH into every program. */
type ResourceModule =
  | "certificate"
  | "certificateAuthority"
  | "etcdAccess"
  | "etcdTransport"
  | "host"
  | "imageArchive"
  | "randomPassword"
  | "service";

/**
 * A resource of Pulumi's dynamic provider, whose methods are a module of "rundock/provider".
 *
 * Pulumi's own `dynamic.Resource` serializes a provider of closures, for which it loads a compiler at every start of a
 * program, into a text seven times as long; the text goes over the wire with each call and into the state twice.
 */
export abstract class DynamicResource extends pulumi.CustomResource {
  constructor(
    module: ResourceModule,
    type: string,
    name: string,
    props: pulumi.Inputs,
    opts?: pulumi.CustomResourceOptions,
  ) {
    super(`pulumi-nodejs:dynamic/rundock:${type}`, name, { ...props, __provider: stubOf(module) }, opts);
  }
}

/**
 * A CommonJS module, as Pulumi's provider process loads it. It stands in the state, so constant: whatever version wrote
 * it, it calls the installed code.
 */
function stubOf(module: Exclude<keyof typeof provider, "configure">): string {
  return `const load = () => import("rundock/provider");
const call = (method) => async (...words) => (await load()).${module}[method](...words);
exports.handler = () => ({ configure: async (request) => (await load()).configure(request),
  ${["check", "diff", "create", "read", "update", "delete"].map((method) => `${method}: call("${method}")`).join(", ")} });
`;
}
