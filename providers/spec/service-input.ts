/** What a service needs to know of its host. */
export interface HostFacts {
  /** The host's name, a DNS label. */
  readonly name: string;
  /** Under which the host's services are announced. @default nothing is announced */
  readonly domain?: string;
  /** Where the other hosts reach it. */
  readonly privateAddress: string;
  /** Where the world reaches it. @default none */
  readonly publicAddress?: string;
}

/** A file in the container: its text, or its text and mode. The mode is "0644", that of a secret file "0600", unless given. */
export type FileInput =
  | string
  | { readonly content: string /** @default "0644", secret ones "0600" */; readonly mode?: string };

/** How a service is found by name. */
export interface AnnounceInput {
  /** The container's port. */
  readonly port: number;
  /** The host's port. @default a free one, which Docker picks; with `network: "host"` the container's */
  readonly publish?: number;
  /** At which address: the host's private or public one, or the container's own. @default "private" */
  readonly as?: "private" | "public" | "container";
  /** The name under the domain. @default the service's name */
  readonly name?: string;
  /** More names under the domain, of one label or several; "@" is the domain itself. @default none */
  readonly aliases?: readonly string[];
  /**
   * The domain under which it is found. Records of one that is not the host's lie apart in etcd, under /skydns-public, so
   * that a name server of the one never answers with the other. @default the host's
   */
  readonly domain?: string;
  /** How the announcer tells that it serves. @default a TCP connection */
  readonly probe?: "none" | "tcp" | { readonly http: string };
  /** SRV weight. @default 100 */
  readonly weight?: number;
  /** SRV priority; the lowest is asked first. @default 10 */
  readonly priority?: number;
  /** Seconds for which an answer may be kept. @default 1 */
  readonly ttl?: number;
}

/**
 * When a new container counts as ready. One of `tcp`, `http`, `exec`, `health` and `running`; without any, TCP on the
 * announced port, else that it keeps running.
 */
export interface ReadyInput {
  /**
   * The container's port takes a connection; with `network: "host"`, only while a process of the container listens at it.
   * @default the announced port, when there is one and no other is asked for
   */
  readonly tcp?: number;
  /** The path answers with a good status. @default not asked */
  readonly http?: string;
  /** The container's port for `http`. @default the announced one */
  readonly port?: number;
  /** With `network: "host"`: where it listens, an IP, `private` or `public`. @default where it is announced, else "private" */
  readonly address?: string;
  /** The good statuses for `http`: one or a range. @default "200-399" */
  readonly status?: string;
  /** The command ends with 0 inside the container. @default none */
  readonly exec?: readonly string[];
  /** Docker's health check says healthy. @default false */
  readonly health?: boolean;
  /** The container runs. @default false, but true when nothing else is asked for and no port is announced */
  readonly running?: boolean;
  /** Seconds between two attempts. @default 0.5 */
  readonly interval?: number;
  /** Seconds until the new container is given up. @default 60 */
  readonly timeout?: number;
  /** Good answers in a row. @default 1, for `running` 2 */
  readonly successes?: number;
}

/** Configuration that a running container reads anew when it is told to. */
export interface ConfigInput {
  /** Where it is mounted. For the folder in it that has the files, `{config}` stands in all commands, those below too, and in `env`. */
  readonly directory: string;
  /**
   * Path under the configuration directory -> content. A Pulumi secret lies on the host in a 0600 file behind a link, so
   * that only root in the container reads it.
   */
  readonly files: Readonly<Record<string, string>>;
  /** A command in the running container that tells whether the new files are good, which are in its `{config}`. @default none */
  readonly check?: readonly string[];
  /** How the container is told. @default the container is left alone */
  readonly reload?: { readonly signal?: string; readonly command?: readonly string[] };
}

/** Docker's own health check; durations in seconds. */
export interface HealthInput {
  /** A shell command in the container. */
  readonly command: string;
  /** Seconds between two checks. @default 30 */
  readonly interval?: number;
  /** Seconds until a check counts as failed. @default 30 */
  readonly timeout?: number;
  /** Failed checks in a row that make it unhealthy. @default 3 */
  readonly retries?: number;
  /** Seconds after the start in which a failed check does not count. @default 0 */
  readonly startPeriod?: number;
}

/** How an old container makes way. */
export interface UpdateInput {
  /**
   * `start-first` starts the new container beside the old one, which serves until the new one is ready; `stop-first` stops
   * the old one before. @default "start-first", but "stop-first" where both would collide: with a fixed port, a volume
   * that can be written, `network: "host"`, or words in `args` that give the container something of its own
   */
  readonly order?: "start-first" | "stop-first";
  /** Seconds for which the old container goes on after its record went. @default 3 when announced, else 0 */
  readonly drain?: number;
  /**
   * Whole seconds for which a new container must go on running after it is ready, while the old one stands by to come back.
   * @default 3
   */
  readonly monitor?: number;
  /** Seconds that a container has to stop before it is killed. @default 10 */
  readonly stopTimeout?: number;
  /**
   * Services of one group, whatever their names and hosts, are updated one at a time. When one fails, those that have not
   * begun are left as they are. @default none
   */
  readonly group?: string;
}

/** How the members of a fleet are updated. Their first creation goes at once on all hosts. */
export interface RolloutPolicyInput {
  /**
   * How many hosts are updated at once after the canaries: a number, or a share of the fleet's hosts such as "50%", which
   * is rounded down but is at least one host. @default 1
   */
  readonly maxParallel?: number | `${number}%`;
  /**
   * How many hosts are updated first, one at a time. Only there must a new container go on running for `update.monitor`
   * seconds after it is ready; 0 leaves that out. @default 1
   */
  readonly canary?: number;
  /** Seconds between the end of a batch and the beginning of the next; a canary is a batch of its own. @default 0 */
  readonly pause?: number;
  /**
   * What becomes of the others when a host fails. Those that are being updated go on to their end, and no other begins.
   * With `halt` those that have the new version keep it; with `rollback` they are taken back to the old one, one at a time,
   * and the next `pulumi up` needs `--refresh`, since Pulumi does not hear of it. @default "halt"
   */
  readonly onFailure?: "halt" | "rollback";
}

/** The rollout that a service takes part in: a {@link RolloutPolicyInput}, and whose. */
export interface RolloutInput extends RolloutPolicyInput {
  /** The fleet's name. */
  readonly fleet: string;
  /** How many hosts the fleet has. */
  readonly size: number;
}

/** One container on one host. */
export interface ServiceInput {
  readonly host: HostFacts;
  /** The name of the container, of the runit service and of the record. */
  readonly name: string;
  /** The image with its registry and tag or digest. */
  readonly image: string;
  /** Further words of `docker run`, for what no property covers. Those that Rundock sets itself are refused. @default none */
  readonly args?: readonly string[];
  /** The words after the image. @default the image's own command */
  readonly command?: readonly string[];
  /** The program that gets the command as its words. @default the image's own */
  readonly entrypoint?: string;
  /** `USER[:GROUP]`. @default the image's own */
  readonly user?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Absolute path in the container -> file; read-only. A change replaces the container. */
  readonly files?: Readonly<Record<string, FileInput>>;
  /** Configuration that is changed without replacing the container. @default none */
  readonly config?: ConfigInput;
  /** `[ADDRESS:][HOSTPORT:]PORT[/udp]`; ADDRESS is an IP, `private` (the default) or `public`; no HOSTPORT is a free one. @default none */
  readonly ports?: readonly string[];
  /** `NAME-OR-/PATH:/TARGET[:ro]`; a named volume outlives the service. @default none */
  readonly volumes?: readonly string[];
  /** `bridge`, `host` or the name of a network. @default "bridge" */
  readonly network?: string;
  /** Name servers of the container. @default the host's own */
  readonly dns?: readonly string[];
  /** The container's own name for itself. @default HOST-NAME */
  readonly hostname?: string;
  /** A small init as process 1, which passes signals on and reaps. @default true */
  readonly init?: boolean;
  /** At most so much, in bytes or with one of the units `b`, `k`, `m` and `g`, such as "512m". @default no limit */
  readonly memory?: string;
  /** At most so many processors, such as 0.5. @default no limit */
  readonly cpus?: number;
  /** Docker's own check, which tells whether the container is healthy. @default the image's own */
  readonly health?: HealthInput;
  /** Under which name and port it is found while it is healthy. @default not announced */
  readonly announce?: AnnounceInput;
  /** When a new container is good enough to take over. @default its announced port takes a connection; without one, it runs */
  readonly ready?: ReadyInput;
  /** How a change goes from the old container to the new one. @default see each of its properties */
  readonly update?: UpdateInput;
  /** A Fleet sets it for its members. @default an update waits for no other */
  readonly rollout?: RolloutInput;
  /** Whether it runs; a disabled service keeps its files on the host. @default true */
  readonly enabled?: boolean;
  /**
   * Whether a new service takes over what is on the host under its name and was not made by Rundock: a container, a service
   * directory in /etc/sv, and the tree `docker-NAME` of the Ansible module that Rundock replaces. A container that is the
   * same as the one that would be made runs on; another is replaced in the order of `update`. Without it such a service is
   * refused. Afterwards it means nothing, and may stay. @default false
   */
  readonly adopt?: boolean;
  /** The secret part of `config.files`, and the key of the hashes that stand for them. */
  readonly secretConfig?: {
    readonly files: Readonly<Record<string, string>>;
    readonly salt: string;
  };
  /**
   * Whether it is kept out of DNS while its container runs on. An `up` that sets it ends when the record went and
   * `update.drain` has passed. @default false
   */
  readonly maintenance?: boolean;
  /** The secret part of `env` and `files`, and the key of the hashes that stand for them. */
  readonly secrets?: {
    readonly env?: Readonly<Record<string, string>>;
    readonly files?: Readonly<Record<string, FileInput>>;
    readonly salt: string;
  };
}
