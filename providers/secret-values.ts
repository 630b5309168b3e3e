import * as pulumi from "@pulumi/pulumi";

/** Name -> value. The whole, and each value of it, may be a Pulumi output. */
export type InputMap<T> = pulumi.Input<Readonly<Record<string, pulumi.Input<T>>>>;

/** The plain values of a map, and those that Pulumi marks as secret; neither of a map that is not given. */
export interface SplitMap<T> {
  readonly plain: pulumi.Output<Record<string, T>> | undefined;
  readonly secret: pulumi.Output<Record<string, T>> | undefined;
}

/**
 * Examines each value, so that one secret does not hide its neighbours in a preview. A map that is an output as a
 * whole is one or the other as a whole.
 */
export function splitSecrets<T>(values: InputMap<T> | undefined): SplitMap<T> {
  if (values === undefined) return { plain: undefined, secret: undefined };
  const marked = markSecrets(values);
  return { plain: pick(marked, false), secret: pick(marked, true) };
}

/** A configuration without its secret files, and those. One that is an output as a whole may be secret as a whole. */
export function splitConfigSecrets<C extends { readonly files: InputMap<string> }>(
  config: pulumi.Input<C> | undefined,
): { readonly plain: object | undefined; readonly secret: SplitMap<string>["secret"] } {
  if (config === undefined) return { plain: undefined, secret: undefined };
  if (pulumi.Output.isInstance(config) || config instanceof Promise) {
    const whole = pulumi.output(config) as pulumi.Output<C>;
    const files = splitSecrets(whole.apply(({ files }) => files) as unknown as InputMap<string>);
    const plain = pulumi
      .all([whole, files.plain])
      .apply(([config, files]) => ({ ...(config as object), files }));
    return { plain, secret: files.secret };
  }
  const { files, ...rest } = config as C;
  const { plain, secret } = splitSecrets(files);
  return { plain: { ...rest, files: plain }, secret };
}

type Marked<T> = readonly { readonly values: InputMap<T>; readonly secret: boolean }[];

async function markSecrets<T>(values: InputMap<T>): Promise<Marked<T>> {
  if (pulumi.Output.isInstance(values) || values instanceof Promise) {
    return [{ values, secret: await pulumi.isSecret(pulumi.output(values)) }];
  }
  return Promise.all(
    Object.entries(values).map(async ([key, value]) => ({
      values: { [key]: value } as InputMap<T>,
      secret: await pulumi.isSecret(pulumi.output(value)),
    })),
  );
}

function pick<T>(marked: Promise<Marked<T>>, secret: boolean): pulumi.Output<Record<string, T>> {
  const picked = marked.then((parts) =>
    parts.filter((part) => part.secret === secret).map((part) => part.values),
  );
  return pulumi.output(picked).apply((maps) => Object.assign({}, ...maps) as Record<string, T>);
}
