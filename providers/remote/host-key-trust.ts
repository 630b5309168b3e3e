import { readFileSync } from "node:fs";
import type { Connection } from "../spec/connection.ts";
import { AttemptError } from "./attempt-error.ts";
import type { ConnectFailure } from "./errors.ts";
import { homePath } from "./home-path.ts";
import { algorithmsOf, describeKey, fingerprint, type HostKey } from "./host-key.ts";
import { findKnownHost, type KnownHost } from "./known-hosts.ts";

const DEFAULT_FILE = "~/.ssh/known_hosts";

/** By which keys a host is known, and where that is written. */
export interface HostKeyTrust {
  readonly connection: Connection;
  /** The known_hosts file. */
  readonly file: string;
  readonly known: KnownHost;
  readonly pinned: HostKey | null;
  /** For the handshake to ask for. Empty for a host that is not known: it may show any, to be named in the error. */
  readonly algorithms: readonly string[];
}

/** @throws AttemptError when the file cannot be read, and so might revoke the key. */
export function trustIn(connection: Connection, knownHosts: string | undefined): HostKeyTrust {
  const { address, port, hostKey } = connection;
  const file = homePath(knownHosts ?? DEFAULT_FILE);
  const known = findKnownHost(readFile(file, knownHosts !== undefined), address, port);
  const pinned = hostKey === undefined ? null : readPinned(hostKey);
  return { connection, file, known, pinned, algorithms: algorithmsOf(pinned ? [pinned] : known.keys) };
}

/** The default file need not be there, nor its folder. */
function readFile(path: string, isConfigured: boolean): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const { code = "", message } = error as NodeJS.ErrnoException;
    if (!isConfigured && ["ENOENT", "ENOTDIR"].includes(code)) return "";
    const advice = isConfigured ? "rundock:knownHosts names it" : "rundock:knownHosts may name another file";
    throw new AttemptError(
      { step: "verify the host key", cause: `the known hosts cannot be read: ${message}`, advice: [advice] },
      { cause: error },
    );
  }
}

/** Half a key is kept, too: it is like no key that a server shows. */
function readPinned(hostKey: string): HostKey {
  const [type = "", base64 = ""] = hostKey.trim().split(/\s+/);
  return { type, blob: Buffer.from(base64, "base64") };
}

/** @returns null when it is a key by which the host is known and that nobody has revoked. */
export function judgeHostKey(trust: HostKeyTrust, shown: Buffer): ConnectFailure | null {
  const { known, pinned } = trust;
  const isShown = ({ blob }: HostKey) => blob.equals(shown);
  const mark = known.revoked.find(isShown);
  if (mark) return revoked(trust, shown, mark.line);
  if (pinned) return isShown(pinned) ? null : unlikePinned(shown, pinned);
  if (known.keys.some(isShown)) return null;
  return trust.algorithms.length > 0 ? unlikeKnown(trust, shown) : unknown(trust, shown);
}

function revoked({ file }: HostKeyTrust, shown: Buffer, line: number): ConnectFailure {
  return refusal(`it shows ${describeKey(shown)}, which ${file} marks as revoked in line ${line}`, [
    "Give the machine a new key, then pin that one or put it into known_hosts. A pinned key is no exception",
  ]);
}

function unlikePinned(shown: Buffer, pinned: HostKey): ConnectFailure {
  return refusal(
    `it shows ${describeKey(shown)}, which is not the pinned key (${fingerprint(pinned.blob)})`,
    ["Find out why before you change hostKey: a new machine has a new key, and so has an impostor"],
  );
}

function unlikeKnown({ file, known, connection }: HostKeyTrust, shown: Buffer): ConnectFailure {
  const others = known.keys.map(({ blob, line }) => `line ${line}: ${describeKey(blob)}`);
  return refusal(`it shows ${describeKey(shown)}, which is not as ${file} knows it (${others.join("; ")})`, [
    "Find out why before you change anything: a new machine has a new key, and so has an impostor",
    `For a new machine: ssh-keygen -R '${nameInFile(connection)}' -f ${file}, then log in once by hand and compare`,
  ]);
}

function unknown({ file, known, connection }: HostKeyTrust, shown: Buffer): ConnectFailure {
  const { keys, authorities } = known;
  const unused = [
    ...authorities.map(({ line }) => `Line ${line} is a @cert-authority, which Rundock does not use`),
    ...keys.map(({ line, type }) => `Line ${line} has a key of the type ${type}, which Rundock cannot use`),
  ];
  const type = /^(?:ssh-)?([a-z0-9]+)/.exec(describeKey(shown))?.[1];
  return {
    ...refusal(
      `it shows ${describeKey(shown)}, no hostKey is pinned, and ${file} does not have ${nameInFile(connection)}`,
      [
        `Compare with the machine's console: ssh-keygen -l -f /etc/ssh/ssh_host_${type}_key.pub`,
        "When it is the same, set hostKey to that public key, or log in once with ssh and accept it",
      ],
    ),
    evidence: unused,
  };
}

/** Why a server that has no key of the wanted types is refused; it shows none then. */
export function noSuchKey({ file, pinned, known, connection }: HostKeyTrust): ConnectFailure {
  const where = pinned ? "hostKey pins" : `${file} has (as ${nameInFile(connection)})`;
  const types = new Set((pinned ? [pinned] : known.keys).map(({ type }) => type));
  return refusal(`it has no key of the type that ${where}: ${[...types].join(", ")}`, [
    "Find out why before you change anything: a new machine has a new key, and so has an impostor",
  ]);
}

function refusal(cause: string, advice: readonly string[]): ConnectFailure {
  return { step: "verify the host key", cause, advice };
}

/** As ssh writes the host into known_hosts. */
function nameInFile({ address, port }: Connection): string {
  return port === 22 ? address : `[${address}]:${port}`;
}
