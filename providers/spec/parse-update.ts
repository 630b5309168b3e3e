import { readPort } from "./published-port.ts";
import type { CheckedService } from "./service-schema.ts";
import type { AnnounceSpec, UpdateSpec } from "./service-spec.ts";
import type { SpecFailure } from "./spec-error.ts";

/** Start-first wherever the old and the new container do not collide. */
export function parseUpdate(
  given: CheckedService,
  announce: AnnounceSpec | null,
  failures: SpecFailure[],
): UpdateSpec {
  const { order, drain, monitor = 3, stopTimeout = 10, group = null } = given.update ?? {};
  const fixed = fixedPort(given, announce);
  if (order === "start-first" && fixed !== undefined) {
    failures.push({
      path: "update.order",
      message: `should be stop-first: two containers cannot have ${fixed}`,
    });
  }
  const collides = fixed !== undefined || ownsSomething(given);
  return {
    order: order ?? (collides ? "stop-first" : "start-first"),
    drain: drain ?? (announce === null ? 0 : 3),
    monitor,
    stopTimeout,
    group,
  };
}

function fixedPort(
  { ports = [], host, network }: CheckedService,
  announce: AnnounceSpec | null,
): string | undefined {
  if (network !== "host" && announce?.publish) return `port ${announce.publish} of the host`;
  const facts = { privateAddress: host.privateAddress, publicAddress: host.publicAddress ?? null };
  const port = ports.map((text) => readPort(text, facts)?.hostPort).find((hostPort) => hostPort);
  return port === undefined ? undefined : `port ${port} of the host`;
}

/** Words of `docker run` that give a container what a second one beside it would have to share. */
const OWNING =
  /^(-v|--volume|--volumes-from|--mount|--device|--ip|--ip6|--mac-address|--network-alias|--gpus)(=|$)|^-v./;

/** The host's network, a volume that both would write, or whatever the user's own words say. */
function ownsSomething({ network, volumes = [], args = [] }: CheckedService): boolean {
  return (
    network === "host" ||
    volumes.some((volume) => !volume.endsWith(":ro")) ||
    args.some((word) => OWNING.test(word))
  );
}
