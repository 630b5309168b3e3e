import type { PreviousRelease } from "../plan/service-state.ts";
import { askScript } from "./answer.ts";
import { SCRIPTS_ON_HOST } from "./host-scripts.ts";
import type { Session } from "./session.ts";
import { type Archive, packTar } from "./tar.ts";

/** Beyond what the ready gate, the drain and the stop may take: the pull of an image (300 s) and Docker itself. */
const APPLY_DEADLINE_SECONDS = 900;

export interface ServiceOnHost {
  readonly host: string;
  readonly name: string;
}

export interface ApplyRequest extends ServiceOnHost {
  readonly release: string;
  readonly enabled: boolean;
  /** Whether a new service takes over what Rundock did not make. */
  readonly adopt: boolean;
  /** Seconds for which a container that takes the place of another must go on running. */
  readonly monitor: number;
  /** `service/…` with `service/releases/RELEASE/…`, `secrets/…`, and the `claim`. */
  readonly files: Archive;
}

export interface ApplyAnswer {
  readonly ok: true;
  readonly action: string;
  readonly warnings?: readonly string[];
  /** What became of that which was taken over. */
  readonly notes?: readonly string[];
  /** `NAME@DIGEST` for each name that the image has from a registry. */
  readonly digests?: readonly string[];
  /** What can be gone back to. */
  readonly previous?: PreviousRelease | null;
}

export interface RemoveAnswer {
  readonly ok: true;
  /** The named volumes that stay on the host. */
  readonly volumes: readonly string[];
  /** Whether it is another resource's now, and was left alone. */
  readonly isTaken?: true;
}

/** Brings the service's directory and container to the release, in one round trip. */
export async function applyService(session: Session, request: ApplyRequest): Promise<ApplyAnswer> {
  const { name, release, enabled, adopt, monitor, files } = request;
  const state = enabled ? "enabled" : "disabled";
  return askScript<ApplyAnswer>(session, subjectOf(request), {
    words: [
      `${SCRIPTS_ON_HOST}/apply.sh`,
      name,
      release,
      state,
      String(monitor),
      ...(adopt ? ["adopt"] : []),
    ],
    stdin: await packTar(files),
    deadlineSeconds: APPLY_DEADLINE_SECONDS,
  });
}

/**
 * Removes the service's container, record and directory, unless the directory has another claim; its named volumes stay.
 */
export async function removeService(
  session: Session,
  service: ServiceOnHost & { readonly claim?: string },
): Promise<RemoveAnswer> {
  const { name, claim = "" } = service;
  return askScript<RemoveAnswer>(session, subjectOf(service), {
    words: ["sh", "-c", REMOVE, "sh", `${SCRIPTS_ON_HOST}/remove.sh`, name, claim],
    deadlineSeconds: APPLY_DEADLINE_SECONDS,
  });
}

/**
 * A host without our scripts has no service of ours either: a machine that was installed anew. The claim is in the
 * environment, since scripts of an older version take no further word.
 */
const REMOVE = `test -e "$1" || { echo '{"ok":true,"volumes":[]}'; exit 0; }; RUNDOCK_CLAIM=$3 exec sh "$1" "$2"`;

export function subjectOf({ host, name }: ServiceOnHost): string {
  return `${host}: ${name}`;
}
