import * as pulumi from "@pulumi/pulumi";
import { declarePlace } from "./declared-places.ts";
import { DynamicResource } from "./dynamic-resource.ts";
import type { HostReference } from "./host.ts";
import type { PreviousRelease } from "./plan/service-state.ts";
import { type InputMap, type SplitMap, splitConfigSecrets, splitSecrets } from "./secret-values.ts";
import { storeConnection } from "./spec/connection.ts";
import { lostEntries } from "./spec/lost-name.ts";
import type { ConfigInput, ServiceInput } from "./spec/service-input.ts";
import { withoutUndefined } from "./without-undefined.ts";

type FileInput = NonNullable<ServiceInput["files"]>[string];

/** Live configuration of a {@link RundockService}. */
export type ConfigArgs = {
  readonly [K in keyof Omit<ConfigInput, "files">]: pulumi.Input<ConfigInput[K]>;
} & {
  /** Path under the configuration directory -> content. Secret ones are kept apart, 0600 and for root alone. */
  readonly files: InputMap<string>;
};

/** Arguments of a {@link RundockService}. Each but `host` and `name` may be a Pulumi output. */
export type RundockServiceArgs = {
  readonly [K in keyof Omit<
    ServiceInput,
    "host" | "name" | "env" | "files" | "config" | "secrets" | "secretConfig"
  >]: pulumi.Input<ServiceInput[K]>;
} & {
  /** The machine that it runs on: a Host of this program, or what another stack says of one. */
  readonly host: HostReference;
  /** The name of the container, of the runit service and of the record. @default the resource's name */
  readonly name?: string;
  /** Environment of the container. A value that is a Pulumi secret reaches the host in a 0600 file only. @default none */
  readonly env?: InputMap<string>;
  /** Files in the container, by their absolute path; read-only. Secret ones are kept apart and are 0600. @default none */
  readonly files?: InputMap<FileInput>;
  /** Configuration that is changed without replacing the container. @default none */
  readonly config?: pulumi.Input<ConfigArgs>;
};

/**
 * One container on one host, supervised by runit, announced while it is healthy.
 *
 * @throws in a preview for each argument that cannot be; in an `up` when the host cannot be reached, the image cannot be
 * pulled, a live configuration fails its check, or the new container ends or does not get ready. The container before
 * goes on then.
 */
export class RundockService extends DynamicResource {
  /** The name of the host that it runs on. */
  declare readonly host: pulumi.Output<string>;
  /** The name of the container. */
  declare readonly name: pulumi.Output<string>;
  /** The image as it was given. */
  declare readonly image: pulumi.Output<string>;
  /** The digest of the image on the host; undefined when no registry gave it one, and while the service is disabled. */
  declare readonly digest: pulumi.Output<string | undefined>;
  /** The address at which it is published and announced. */
  declare readonly address: pulumi.Output<string>;
  /** The release before, to which `up` goes back without a registry; undefined while there is none. */
  declare readonly previous: pulumi.Output<PreviousRelease | undefined>;
  /** `running`, `maintenance` (it runs, and is kept out of DNS, by itself or with its host), `stopped` or `disabled`. */
  declare readonly state: pulumi.Output<string>;
  /** The rendered files: path under /etc/sv/NAME to content; of those that every service has, what a hand changed. */
  declare readonly tree: pulumi.Output<Record<string, string>>;

  constructor(name: string, args: RundockServiceArgs, opts?: pulumi.CustomResourceOptions) {
    const { host, env, files, config, ...rest } = args;
    const splitEnv = splitSecrets(env);
    const splitFiles = splitSecrets(files);
    const splitConfig = splitConfigSecrets(config);
    const given = withoutUndefined({
      name,
      ...rest,
      host: host.facts,
      declaredTwice: declarePlace(name, host.facts.name, args.name ?? name),
      lostEntries: lostEntries({ env, files, "config.files": (config as ConfigArgs | undefined)?.files }),
      connection: storeConnection(host.connection),
      hostInMaintenance: host.inMaintenance,
      env: splitEnv.plain,
      files: splitFiles.plain,
      config: splitConfig.plain,
      secrets: ifAny({ env: splitEnv.secret, files: splitFiles.secret }),
      secretConfig: ifAny({ files: splitConfig.secret }),
    });
    const found = {
      address: undefined,
      digest: undefined,
      previous: undefined,
      state: undefined,
      tree: undefined,
    };
    super("Service", name, { ...given, ...found }, dependingOn(host, opts));
  }
}

function ifAny(
  maps: Record<string, SplitMap<unknown>["secret"]>,
): pulumi.Output<object | undefined> | undefined {
  const given = Object.entries(maps);
  if (given.every(([, map]) => map === undefined)) return undefined;
  const filled = Object.fromEntries(given.map(([key, map]) => [key, map ?? {}]));
  return pulumi.all(filled).apply((maps) => {
    const none = Object.values(maps).every((map) => Object.keys(map as object).length === 0);
    return none ? undefined : maps;
  });
}

function dependingOn(
  host: HostReference,
  opts: pulumi.CustomResourceOptions = {},
): pulumi.CustomResourceOptions {
  if (!pulumi.Resource.isInstance(host)) return opts;
  const others = opts.dependsOn === undefined ? [] : [opts.dependsOn].flat();
  return { ...opts, dependsOn: [host, ...(others as pulumi.Resource[])] };
}
