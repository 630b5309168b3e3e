import type { SpecFailure } from "./spec-error.ts";

/** What a machine is made ready with. */
export interface BootstrapArgs {
  /**
   * Registries that Docker speaks to without TLS, or whose certificate it does not check, as in an image's name
   * (`registry.example.com:5000`) or as a range (`10.0.0.0/8`). One that is taken off here stays in the machine's
   * /etc/docker/daemon.json. @default none
   */
  readonly insecureRegistries?: readonly string[];
}

/** How a machine is reached, as far as it matters here. */
export interface Way {
  readonly hostKey?: string | undefined;
  readonly jump?: Way | undefined;
}

/**
 * What is wrong with `bootstrap`, and with the way to the machine when it is on: @pulumi/command, which goes that way,
 * can do less than Rundock itself.
 */
export function bootstrapFailures(bootstrap: unknown, way: Way): SpecFailure[] {
  if (bootstrap === undefined || bootstrap === false) return [];
  const { jump } = way;
  return [
    ...settingFailures(bootstrap),
    ...hostKeyFailures("hostKey", way),
    ...(jump === undefined ? [] : hostKeyFailures("jump.hostKey", jump)),
    ...(jump?.jump === undefined ? [] : [{ path: "jump.jump", message: TOO_FAR }]),
  ];
}

const TOO_FAR =
  "should not be there with bootstrap, which gets through one host only; docs/first-host.md says how to do it by hand";

const NO_KEY = "should be pinned with bootstrap, which knows no known_hosts and would trust any machine";

const OLD_KEY =
  "should be of another type than ssh-rsa with bootstrap, which asks for a signature that sshd gives no more; ssh-keyscan shows the others";

function hostKeyFailures(path: string, { hostKey }: Way): SpecFailure[] {
  if (hostKey === undefined) return [{ path, message: NO_KEY }];
  return hostKey.startsWith("ssh-rsa ") ? [{ path, message: OLD_KEY }] : [];
}

function settingFailures(bootstrap: unknown): SpecFailure[] {
  if (bootstrap === true) return [];
  if (typeof bootstrap !== "object" || bootstrap === null || Array.isArray(bootstrap)) {
    return [{ path: "bootstrap", message: "should be true, false or settings" }];
  }
  const { insecureRegistries = [], ...others } = bootstrap as Record<string, unknown>;
  return [
    ...Object.keys(others).map((key) => ({ path: `bootstrap.${key}`, message: "is not a known property" })),
    ...registryFailures(insecureRegistries),
  ];
}

function registryFailures(registries: unknown): SpecFailure[] {
  const path = "bootstrap.insecureRegistries";
  if (!Array.isArray(registries)) return [{ path, message: "should be a list" }];
  return registries.flatMap((registry, index) =>
    typeof registry === "string" && /^[a-z0-9][a-z0-9.:/_-]*$/i.test(registry)
      ? []
      : [
          {
            path: `${path}[${index}]`,
            message: "should be a registry, such as registry.example.com:5000 or 10.0.0.0/8",
          },
        ],
  );
}
