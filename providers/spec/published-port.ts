import { UNKNOWN } from "./unknown.ts";
import { isAddress } from "./values.ts";

/** A port of a container that the host publishes. */
export interface PublishedPort {
  /** An IP address. */
  readonly address: string;
  /** null is a free one. */
  readonly hostPort: number | null;
  readonly containerPort: number;
  readonly protocol: "tcp" | "udp";
}

const FORM = /^(?:(\[[0-9a-fA-F:]+\]|\d+\.\d+\.\d+\.\d+|private|public):)?(?:(\d+):)?(\d+)(?:\/(tcp|udp))?$/;

/** Reads `[ADDRESS:][HOSTPORT:]PORT[/udp]`; undefined when it is none. */
export function readPort(
  text: string,
  host: { readonly privateAddress: string; readonly publicAddress: string | null },
): PublishedPort | undefined {
  if (text.includes(UNKNOWN)) return { address: UNKNOWN, hostPort: null, containerPort: 1, protocol: "tcp" };
  const [, where = "private", hostPort, containerPort, protocol = "tcp"] = FORM.exec(text) ?? [];
  const address = { private: host.privateAddress, public: host.publicAddress }[where] ?? where;
  if (containerPort === undefined || (where === "public" && host.publicAddress === null)) return undefined;
  if (address !== UNKNOWN && !isAddress(address.replace(/^\[|\]$/g, ""))) return undefined;
  if (![hostPort ?? "1", containerPort].every(isPort)) return undefined;
  return {
    address,
    hostPort: hostPort === undefined ? null : Number(hostPort),
    containerPort: Number(containerPort),
    protocol: protocol as "tcp" | "udp",
  };
}

function isPort(digits: string): boolean {
  return Number(digits) >= 1 && Number(digits) <= 65535;
}
