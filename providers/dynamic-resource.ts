import * as pulumi from "@pulumi/pulumi";
import type * as provider from "./provider.ts";

/** By name, since the types of the provider's modules would bring those of SSH into every program. */
type ResourceType =
  | "Certificate"
  | "CertificateAuthority"
  | "EtcdAccess"
  | "EtcdTransport"
  | "Host"
  | "ImageArchive"
  | "RandomPassword"
  | "Service";

/**
 * A resource of Pulumi's dynamic provider, whose methods are the module of "rundock/provider" with the name of its type.
 *
 * Pulumi's own `dynamic.Resource` serializes a provider of closures. That takes 0.2 s of each program's start, and the text
 * is six times as long; it goes over the wire with each call and into the state twice.
 */
export abstract class DynamicResource extends pulumi.CustomResource {
  constructor(type: ResourceType, name: string, props: pulumi.Inputs, opts?: pulumi.CustomResourceOptions) {
    const __provider = stubOf(moduleOf(type));
    // Pulumi takes a stack trace for each of four promises of each property, which is half of what a program costs with
    // hundreds of resources. It shows them only of promises that leak, and raises the limit itself where it needs a trace.
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    try {
      super(`pulumi-nodejs:dynamic/rundock:${type}`, name, { ...props, __provider }, opts);
    } catch (error) {
      Error.stackTraceLimit = stackTraceLimit;
      Error.captureStackTrace(error as Error);
      throw error;
    } finally {
      Error.stackTraceLimit = stackTraceLimit;
    }
  }
}

function moduleOf(type: ResourceType): Uncapitalize<ResourceType> {
  return `${type.charAt(0).toLowerCase()}${type.slice(1)}` as Uncapitalize<ResourceType>;
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
