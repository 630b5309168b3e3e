import type { CheckedService } from "./service-schema.ts";
import type { AnnounceSpec, HostFactsSpec, ReadySpec } from "./service-spec.ts";
import type { SpecFailure } from "./spec-error.ts";

const NOTHING = { port: null, path: null, status: "200-399", command: [] };

type CheckedReady = NonNullable<CheckedService["ready"]>;

/** Without a word from the user: TCP on the announced port, else that the container keeps running. */
export function parseReady(
  given: CheckedReady = {},
  announce: AnnounceSpec | null,
  host: HostFactsSpec,
  failures: SpecFailure[],
): ReadySpec {
  const what = { ...NOTHING, ...whatIsReady(given, announce) };
  if (what.kind === "http" && what.port === null) {
    failures.push({ path: "ready.port", message: "should be set, since no port is announced" });
  }
  const successes = given.successes ?? (what.kind === "running" ? 2 : 1);
  const address = probedAddress(given, announce, host, failures);
  return { ...what, address, interval: given.interval ?? 0.5, timeout: given.timeout ?? 60, successes };
}

function probedAddress(
  given: CheckedReady,
  announce: AnnounceSpec | null,
  host: HostFactsSpec,
  failures: SpecFailure[],
): string {
  const where = given.address ?? (announce?.as === "public" ? "public" : "private");
  const address = { private: host.privateAddress, public: host.publicAddress }[where];
  if (address === null)
    failures.push({ path: "ready.address", message: "is public, but the host has no publicAddress" });
  return address ?? where;
}

function whatIsReady(
  given: CheckedReady,
  announce: AnnounceSpec | null,
): Pick<ReadySpec, "kind"> & Partial<ReadySpec> {
  const { http, tcp, exec, status } = given;
  if (http !== undefined) {
    const port = given.port ?? announce?.port ?? null;
    return { kind: "http", port, path: http, ...(status === undefined ? {} : { status }) };
  }
  if (tcp !== undefined) return { kind: "tcp", port: tcp };
  if (exec !== undefined) return { kind: "exec", command: exec };
  if (given.health) return { kind: "health" };
  if (given.running || announce === null) return { kind: "running" };
  return { kind: "tcp", port: announce.port };
}
