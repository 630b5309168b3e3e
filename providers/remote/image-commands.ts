import { askScript } from "./answer.ts";
import { RemoteError } from "./errors.ts";
import { SCRIPTS_ON_HOST } from "./host-scripts.ts";
import { compressedArchive } from "./image-archive-file.ts";
import type { Session } from "./session.ts";

const DEADLINE_SECONDS = 60;
/** A gigabyte over a line of 10 Mbit/s takes half of it. */
const LOAD_DEADLINE_SECONDS = 1800;

export interface ImageOnHost {
  readonly host: string;
  /** Its name on the host. */
  readonly image: string;
  /** Its name in the archive. */
  readonly reference: string;
  /** What Docker may call it. */
  readonly ids: readonly string[];
}

export interface RemoveImageAnswer {
  readonly ok: true;
  /** The containers for which it stays. */
  readonly containers: readonly string[];
}

/** Whether the name stands for the image on the host. */
export async function hasImage(session: Session, { host, image, ids }: ImageOnHost): Promise<boolean> {
  const { code, stdout, stderr } = await session.run(host, {
    words: ["docker", "images", "--quiet", "--no-trunc", image],
    deadlineSeconds: DEADLINE_SECONDS,
  });
  if (code === 0) return ids.includes(stdout.toString("utf8").trim());
  const cause = stderr.trim().split("\n").at(-1) ?? `exit code ${code}`;
  throw new RemoteError(host, { verb: "look for", object: `image ${image}`, cause });
}

/** Sends the archive and gives the image its name. */
export async function loadImage(session: Session, request: ImageOnHost & { path: string }): Promise<void> {
  const { host, path, image, reference, ids } = request;
  const stdin = await compressedArchive(path);
  const words = [`${SCRIPTS_ON_HOST}/load-image.sh`, reference, image, ...ids];
  await askScript(session, host, { words, stdin, deadlineSeconds: LOAD_DEADLINE_SECONDS }).catch(
    (error: Error) => {
      if (error !== stdin.errored) throw error;
      throw new RemoteError(host, { verb: "read", object: path, cause: error.message });
    },
  );
}

/** Takes the image's names away, and with the last one the image, unless a container uses it. */
export async function removeImage(session: Session, request: ImageOnHost): Promise<RemoveImageAnswer> {
  const { host, image, reference, ids } = request;
  return askScript<RemoveImageAnswer>(session, host, {
    words: ["sh", "-c", REMOVE, "sh", `${SCRIPTS_ON_HOST}/remove-image.sh`, reference, image, ...ids],
    deadlineSeconds: DEADLINE_SECONDS,
  });
}

/** A host without our scripts is a machine that was installed anew. */
const REMOVE = `test -e "$1" || { echo '{"ok":true,"containers":[]}'; exit 0; }; exec sh "$@"`;
