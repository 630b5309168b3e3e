import * as pulumi from "@pulumi/pulumi";

type Properties = Record<string, unknown>;

/** A resource as a program registers it, before the provider has checked it. */
export interface RegisteredResource {
  readonly type: string;
  readonly name: string;
  /** The arguments, and under `__provider` the stub. */
  readonly arguments: Properties;
}

/** Runs a program without an engine, which hands on what `outputsOf` says. @returns what it registers, by name. */
export async function registered(
  program: () => pulumi.Resource[],
  outputsOf: (resource: RegisteredResource) => Promise<Properties> | Properties,
): Promise<RegisteredResource[]> {
  const resources: RegisteredResource[] = [];
  pulumi.runtime.setMocks({
    newResource: async ({ type, name, inputs }) => {
      if (inputs.__provider === undefined) return { id: name, state: inputs }; // a component
      const resource = { type, name, arguments: withoutMarks(inputs) };
      resources.push(resource);
      return { id: name, state: { ...inputs, ...(await outputsOf(resource)) } };
    },
    call: () => ({}),
  });
  await Promise.all(program().map(({ urn }) => new Promise((resolve) => urn.apply(resolve))));
  return resources.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The engine gives a provider its secrets in plain text. */
export function withoutMarks(inputs: Properties): Properties {
  const { isRpcSecret, unwrapRpcSecret } = pulumi.runtime;
  const plain = Object.entries(inputs).map(([key, value]) => [
    key,
    isRpcSecret(value) ? unwrapRpcSecret(value) : value,
  ]);
  return Object.fromEntries(plain);
}

/** Every method of a resource's provider. */
export type Provider = Required<Omit<pulumi.dynamic.ResourceProvider, "construct">>;

/** Brings a stub to life, as Pulumi's provider process does. */
export function providerOf({ __provider: text }: Properties): Provider {
  const exports: { handler?: () => Provider } = {};
  new Function("exports", text as string)(exports);
  if (exports.handler === undefined) throw new Error("a stub exports its handler");
  return exports.handler();
}
