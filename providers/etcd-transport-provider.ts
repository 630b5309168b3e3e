import type {
  CheckFailure,
  CheckResult,
  CreateResult,
  DiffResult,
  ReadResult,
  UpdateResult,
} from "@pulumi/pulumi/dynamic/index.js";

/** How the members of an etcd cluster talk to each other. */
export interface TransportState {
  readonly transport: "plain" | "tls";
}

/** Members keep each other's URLs in their data, so one that turned would find none to talk to. */
export async function check(
  { transport: found }: Partial<TransportState>,
  { transport }: TransportState,
): Promise<CheckResult<TransportState>> {
  if (found === undefined || found === transport) return { inputs: { transport } };
  return { failures: [cannotTurn(found, transport)] };
}

function cannotTurn(from: string, to: string): CheckFailure {
  const message = `a cluster that runs cannot turn from ${from} to ${to}
  first: set rundock:discovery.security back to ${from}, take discovery out of rundock:deploy, and run pulumi up
  then: set rundock:discovery.security to ${to}, put discovery back, and run pulumi up (docs/etcd.md)`;
  return { property: "transport", reason: message };
}

export async function diff(): Promise<DiffResult> {
  return { changes: false };
}

export async function create(wanted: TransportState): Promise<CreateResult<TransportState>> {
  return { id: "transport", outs: wanted };
}

export async function read(id: string, state: TransportState): Promise<ReadResult<TransportState>> {
  return { id, props: state };
}

export async function update(
  _id: string,
  _old: TransportState,
  wanted: TransportState,
): Promise<UpdateResult<TransportState>> {
  return { outs: wanted };
}

async function deleteTransport(): Promise<void> {}

export { deleteTransport as delete };
