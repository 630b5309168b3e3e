import type { PublishedPort } from "./published-port.ts";

export interface HostFactsSpec {
  readonly name: string;
  readonly domain: string | null;
  readonly privateAddress: string;
  readonly publicAddress: string | null;
}

export interface FileSpec {
  readonly content: string;
  readonly mode: number;
}

export interface AnnounceSpec {
  readonly port: number;
  readonly publish: number | null;
  readonly as: "private" | "public" | "container";
  readonly name: string;
  readonly aliases: readonly string[];
  readonly domain: string;
  readonly probe:
    | { readonly kind: "none" }
    | { readonly kind: "tcp" }
    | { readonly kind: "http"; readonly path: string };
  readonly weight: number;
  readonly priority: number;
  readonly ttl: number;
}

export interface ReadySpec {
  readonly kind: "running" | "tcp" | "http" | "exec" | "health";
  readonly port: number | null;
  readonly path: string | null;
  /** Where to probe a container without an address of its own. */
  readonly address: string;
  readonly status: string;
  readonly command: readonly string[];
  readonly interval: number;
  readonly timeout: number;
  readonly successes: number;
}

export interface SecretConfigSpec {
  readonly files: Readonly<Record<string, string>>;
  readonly salt: string;
}

export interface ConfigSpec {
  readonly directory: string;
  readonly files: Readonly<Record<string, string>>;
  readonly secret: SecretConfigSpec | null;
  readonly check: readonly string[] | null;
  readonly reload: { readonly signal: string } | { readonly command: readonly string[] } | null;
}

export interface HealthSpec {
  readonly command: string;
  readonly interval: number;
  readonly timeout: number;
  readonly retries: number;
  readonly startPeriod: number;
}

export interface UpdateSpec {
  readonly order: "start-first" | "stop-first";
  readonly drain: number;
  readonly monitor: number;
  readonly stopTimeout: number;
  readonly group: string | null;
}

export interface RolloutSpec {
  readonly fleet: string;
  /** Hosts at once; a percentage is resolved. */
  readonly maxParallel: number;
  readonly canary: number;
  readonly pause: number;
  /** Missing when the rollout halts. */
  readonly onFailure?: "rollback";
}

export interface SecretsSpec {
  readonly env: Readonly<Record<string, string>>;
  readonly files: Readonly<Record<string, FileSpec>>;
  readonly salt: string;
}

/** A service with every default filled in; the meaning of each property is told at {@link ServiceInput}. */
export interface ServiceSpec {
  readonly host: HostFactsSpec;
  readonly name: string;
  readonly image: string;
  readonly args: readonly string[];
  readonly command: readonly string[];
  readonly entrypoint: string | null;
  readonly user: string | null;
  readonly env: Readonly<Record<string, string>>;
  readonly files: Readonly<Record<string, FileSpec>>;
  readonly config: ConfigSpec | null;
  /** The announced port included. */
  readonly ports: readonly PublishedPort[];
  readonly volumes: readonly string[];
  readonly network: string;
  readonly dns: readonly string[];
  readonly hostname: string | null;
  readonly init: boolean;
  readonly memory: string | null;
  readonly cpus: number | null;
  readonly health: HealthSpec | null;
  readonly announce: AnnounceSpec | null;
  readonly ready: ReadySpec;
  readonly update: UpdateSpec;
  readonly rollout: RolloutSpec | null;
  readonly enabled: boolean;
  readonly adopt: boolean;
  readonly maintenance: boolean;
  readonly secrets: SecretsSpec | null;
}
