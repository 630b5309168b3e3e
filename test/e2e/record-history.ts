/** The lab's web service, which writes a key of etcd each time just before it listens. */
export function tellingCommand(etcd: string, key: string): readonly string[] {
  const put = `wget -q -O /dev/null --post-data '${writing(key)}' ${etcd}/v3/kv/put`;
  const listen = "export LISTEN_AFTER=0; exec /bin/serve";
  return ["sh", "-c", `sleep "$LISTEN_AFTER"; until ${put}; do sleep 0.1; done; ${listen}`];
}

/** Where a member of etcd has the record of an instance, and what is written when it is about to end and to listen again. */
export interface InstanceKeys {
  readonly etcd: string;
  readonly record: string;
  readonly ends: string;
  readonly listens: string;
}

/** What the revisions of etcd say of an instance that ended some times. */
export interface Absences {
  /** How often its record went before it listened again. */
  readonly withdrawn: number;
  /** How often its record came before it listened again. */
  readonly early: number;
}

/** Reads all revisions since one, so that nothing is too short to be seen. What its probe says while it listens counts for nothing. */
export async function absencesOf(keys: InstanceKeys, since: number): Promise<Absences> {
  const now = await revisionOf(keys.etcd);
  let [withdrawn, early, wasThere] = [0, 0, true];
  for (let revision = since; revision <= now; revision += 1) {
    const [record, ends, listens] = await writtenAt(keys, revision);
    const isThere = record > 0;
    if (ends > listens && isThere !== wasThere) {
      if (isThere) early += 1;
      else withdrawn += 1;
    }
    wasThere = isThere;
  }
  return { withdrawn, early };
}

/** Whether it has listened since its last end, and has a record. */
export async function isBack(keys: InstanceKeys): Promise<boolean> {
  const [record, ends, listens] = await writtenAt(keys, await revisionOf(keys.etcd));
  return listens > ends && record > 0;
}

/** The revision that etcd has now. */
export async function revisionOf(etcd: string): Promise<number> {
  const { header } = await request(etcd, "range", JSON.stringify({ key: base64("/") }));
  return Number(header.revision);
}

export async function tellEnd({ etcd, ends }: InstanceKeys): Promise<void> {
  await request(etcd, "put", writing(ends));
}

/** The revisions that wrote the record and the two other keys, as of a revision; 0 for one that is not there. */
function writtenAt({ etcd, record, ends, listens }: InstanceKeys, revision: number) {
  const writer = async (key: string) => {
    const question = JSON.stringify({ key: base64(key), revision });
    const { kvs: [found] = [] } = await request(etcd, "range", question);
    return Number(found?.mod_revision ?? 0);
  };
  return Promise.all([writer(record), writer(ends), writer(listens)]);
}

interface Answer {
  readonly header: { readonly revision: string };
  readonly kvs?: readonly { readonly mod_revision: string }[];
}

async function request(etcd: string, what: "range" | "put", body: string): Promise<Answer> {
  const answer = await fetch(`${etcd}/v3/kv/${what}`, { method: "POST", body });
  if (!answer.ok) throw new Error(`etcd answers ${answer.status}: ${await answer.text()}`);
  return (await answer.json()) as Answer;
}

function writing(key: string): string {
  return JSON.stringify({ key: base64(key), value: "" });
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}
