import { execFile } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { LAB, lab, labConfiguration, ROOT, STATE } from "./lab-environment.ts";

const FOLDER = `${STATE}/in-use`;

/** Notes that a stack of this process may have something on the lab's hosts. What an earlier process left goes first. */
export function useLab(stack: string): void {
  mkdirSync(FOLDER, { recursive: true });
  const left = readdirSync(FOLDER).filter((name) => readFileSync(`${FOLDER}/${name}`, "utf8") !== ownProcess);
  if (left.length > 0) {
    console.error(`left on the lab's hosts by ${left.join(", ")}, and removed now`);
    for (const { name } of labConfiguration().config["rundock:hosts"]) sweep(name);
    for (const name of left) rmSync(`${FOLDER}/${name}`);
  }
  writeFileSync(`${FOLDER}/${stack}`, ownProcess);
}

export function leaveLab(stack: string): void {
  rmSync(`${FOLDER}/${stack}`, { force: true });
}

/** The next file needs most of the images again that a host would give up with its services. */
export async function keepImages(): Promise<void> {
  const hosts = labConfiguration().config["rundock:hosts"].map(({ name }) => name);
  await Promise.all(hosts.map(forgetPulls));
}

/** A host that does not run keeps them anyway. */
function forgetPulls(host: string): Promise<void> {
  const words = ["exec", host, "sh", "-c", "rm -rf /etc/sv/*/pulled /etc/sv/.pulled"];
  const options = { cwd: ROOT, env: { ...process.env, RUNDOCK_LAB: LAB } };
  return new Promise((resolve) => execFile(`${ROOT}/test/lab/lab`, words, options, () => resolve()));
}

const ownProcess = String(process.pid);

/** One file's failure would else be that of each file behind it. */
function sweep(host: string): void {
  lab("start", host);
  const { status, stderr } = lab("exec", host, "sh", "-c", SWEEP);
  if (status !== 0) console.error(`${host}: could not remove what was left: ${stderr}`);
}

const SWEEP = `for link in /etc/service/*; do
  [ -L "$link" ] || continue
  directory=$(readlink -f "$link")
  rm -f "$link"
  sv -w 1 force-shutdown "$directory" >/dev/null 2>&1 || true
  rm -rf "$directory"
done
docker ps --all --quiet | xargs --no-run-if-empty docker rm --force >/dev/null
for releases in /etc/sv/*/releases; do [ ! -e "$releases" ] || rm -rf "\${releases%/*}"; done
rm -rf /etc/sv/.stage.* /etc/sv/.gone.* /etc/sv/.pulled /etc/rundock /run/rundock /usr/local/lib/rundock /usr/local/lib/rundock.*`;
