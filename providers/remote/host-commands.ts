import { askScript } from "./answer.ts";
import { RemoteError } from "./errors.ts";
import { hostScripts, SCRIPTS_ON_HOST } from "./host-scripts.ts";
import type { Session } from "./session.ts";
import { type Archive, packTar, WHOLE } from "./tar.ts";

const DEADLINE_SECONDS = 120;
/** With the longest drain of its services. */
const DRAIN_DEADLINE_SECONDS = 900;

/** Unpacks into a fresh folder, runs the installer from there and leaves nothing of it behind, nor of one that was killed. */
const INSTALL = `umask 022
for left in /run/rundock-install.*; do kill -0 "\${left##*.}" 2>/dev/null || rm -rf "$left"; done
stage=/run/rundock-install.$$
rm -rf "$stage"
mkdir -m 700 "$stage" || exit 111
trap 'rm -rf "$stage"' EXIT
tar -xf - -C "$stage" || exit 111
[ -e "$stage/whole" ] || { echo "the archive was cut off" >&2; exit 111; }
sh "$stage/install.sh" "$stage"`;

/** Name under /etc/rundock -> content. */
export interface HostFiles {
  readonly open: Readonly<Record<string, string>>;
  /** Only root may read them. */
  readonly secret: Readonly<Record<string, string>>;
}

type InstallAnswer =
  | { readonly ok: true; readonly warnings?: readonly string[] }
  | { readonly ok: false; readonly missing: readonly string[] };

/**
 * Installs the scripts, the host's files under /etc/rundock and the announcer.
 *
 * @returns warnings.
 * @throws RemoteError that lists everything that the host lacks.
 */
export async function installHost(
  session: Session,
  host: string,
  files: HostFiles,
): Promise<readonly string[]> {
  const result = await session.run(host, {
    words: ["sh", "-c", INSTALL],
    stdin: await installArchive(files),
    deadlineSeconds: files.open.maintenance === undefined ? DEADLINE_SECONDS : DRAIN_DEADLINE_SECONDS,
  });
  const answer = parse(result.stdout.toString("utf8"));
  if (answer?.ok && result.code === 0) return answer.warnings ?? [];
  const failure = { verb: "install", object: "Rundock's scripts" };
  if (answer && !answer.ok && answer.missing)
    throw new RemoteError(host, { ...failure, ...whatIsMissing(answer.missing) });
  const log = `${result.stdout}${result.stderr}`.trim().split("\n").slice(-10);
  throw new RemoteError(host, { ...failure, cause: `exit code ${result.code}`, log });
}

async function installArchive(files: HostFiles): Promise<Buffer> {
  const scripts = hostScripts();
  const installer = scripts["install.sh"] ?? "";
  return packTar({
    "install.sh": { content: installer, mode: 0o755 },
    ...Object.fromEntries(
      Object.entries(scripts).map(([name, content]) => [`lib/${name}`, { content, mode: 0o755 }]),
    ),
    ...underEtc(files.open, 0o644),
    ...underEtc(files.secret, 0o600),
    ...WHOLE,
  });
}

function underEtc(files: Readonly<Record<string, string>>, mode: number): Archive {
  return Object.fromEntries(
    Object.entries(files).map(([name, content]) => [`etc/${name}`, { content, mode }]),
  );
}

function whatIsMissing(missing: readonly string[]): { cause: string; advice: string } {
  return {
    cause: `the host lacks: ${missing.join("; ")}`,
    advice:
      "On Debian 13: apt-get install runit-run docker.io docker-cli curl jq netcat-openbsd; elsewhere docker.io has the docker-cli. `bootstrap: true` does it all",
  };
}

function parse(text: string): InstallAnswer | undefined {
  try {
    return JSON.parse(text) as InstallAnswer;
  } catch {
    return undefined;
  }
}

/** Removes everything of ours that is not a service. Refused while services remain. */
export async function uninstallHost(session: Session, host: string): Promise<void> {
  await askScript(session, host, {
    words: [
      "sh",
      "-c",
      `test -e "$1" || { echo '{"ok":true}'; exit 0; }; exec sh "$1"`,
      "sh",
      `${SCRIPTS_ON_HOST}/uninstall.sh`,
    ],
    deadlineSeconds: DEADLINE_SECONDS,
  });
}
