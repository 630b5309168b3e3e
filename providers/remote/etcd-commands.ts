import type { SeenEtcdUser } from "../plan/etcd-drift.ts";
import { askScript } from "./answer.ts";
import { SCRIPTS_ON_HOST } from "./host-scripts.ts";
import type { Session } from "./session.ts";

const DEADLINE_SECONDS = 180;

interface EtcdAnswer {
  readonly ok: true;
  /** Whether etcd asks who is there. */
  readonly enabled: boolean;
  /** Of those in the request; none while etcd asks nobody. */
  readonly users: readonly SeenEtcdUser[];
}

/** Makes users, roles and authentication what the request says; with `check` it only looks. */
export async function askEtcdAccess(
  session: Session,
  host: string,
  what: "ensure" | "check",
  request = "",
): Promise<EtcdAnswer> {
  return askScript<EtcdAnswer>(session, `${host}: etcd`, {
    words: [`${SCRIPTS_ON_HOST}/etcd-access.sh`, what],
    stdin: Buffer.from(request),
    deadlineSeconds: DEADLINE_SECONDS,
  });
}
