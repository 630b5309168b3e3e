import { tryOnHost } from "./lab-environment.ts";

interface DnsRecord {
  readonly name: string;
  readonly type: string;
  readonly data: string;
}

/** A name server, as an address and a port. */
export interface NameServer {
  readonly address: string;
  readonly port: number;
}

/**
 * Resolves as a resolver of the world does: asks a server of the parent zone, and goes where its NS records and their glue
 * lead, to the next server when one does not answer.
 *
 * @returns the addresses, sorted; none when a server says that there are none. @throws when no server answers.
 */
export function resolveFrom(parent: NameServer, host: string, name: string): string[] {
  let servers: readonly NameServer[] = [parent];
  for (let step = 0; step < 5; step += 1) {
    const records = askInTurn(servers, host, name, "A");
    const answer = records.filter(({ type, name: owner }) => type === "A" && owner === `${name}.`);
    const referral = records.filter(({ type }) => type === "NS");
    if (answer.length > 0 || referral.length === 0) return answer.map(({ data }) => data).sort();
    const glue = records.filter((each) => referral.some(({ data }) => data === each.name));
    servers = glue.map(({ data }) => ({ address: data, port: 53 }));
  }
  throw new Error(`the referrals for ${name} do not end`);
}

function askInTurn(
  servers: readonly NameServer[],
  host: string,
  name: string,
  type: string,
): readonly DnsRecord[] {
  for (const server of servers) {
    const { records } = ask(server, host, name, type);
    if (records !== undefined) return records;
  }
  throw new Error(`none of ${servers.map(({ address }) => address).join(", ")} answers for ${name}`);
}

/** One question without recursion; undefined records when there is no answer or an error. */
export function ask(
  { address, port }: NameServer,
  host: string,
  name: string,
  type: string,
): { readonly status: string; readonly records: readonly DnsRecord[] | undefined } {
  const options = [
    "+norecurse",
    "+time=3",
    "+tries=1",
    "+noall",
    "+comments",
    "+answer",
    "+authority",
    "+additional",
  ];
  const { stdout } = tryOnHost(host, "dig", ...options, "-p", `${port}`, `@${address}`, name, type);
  const status = /status: (\w+)/.exec(stdout)?.[1] ?? "no answer";
  const lines = stdout.split("\n").filter((line) => /^[^;\s]/.test(line));
  const records = lines.map((line) => {
    const [name = "", , , type = "", ...data] = line.split(/\s+/);
    return { name, type, data: data.join(" ") };
  });
  return { status, records: ["NOERROR", "NXDOMAIN"].includes(status) ? records : undefined };
}
