import { packTar } from "../../providers/remote/tar.ts";
import { labConnection, labPool } from "../e2e/lab-connection.ts";
import { onHost, ROOT } from "../e2e/lab-environment.ts";
import { PulumiStack } from "../e2e/pulumi-stack.ts";
import { labImage } from "../e2e/services-stack.ts";
import { seconds } from "./seconds.ts";

/** What the engine alone needs: as many resources of a provider that does nothing. */
export class EngineFloor extends PulumiStack {
  constructor() {
    super(`${ROOT}/test/bench/trivial-program`);
  }

  declare(count: number, value: string): void {
    this.configure({ "floor:count": String(count), "floor:value": value });
  }
}

/** What SSH and Docker alone need: one tar a host, then one `docker run` for each container; in seconds. */
export async function dockerFloor(hosts: readonly string[], count: number): Promise<number> {
  const image = labImage("web");
  for (const name of hosts) onHost(name, "docker", "pull", "--quiet", image);
  const pool = labPool();
  const words = ["sh", "-c", RUN_ALL, "sh", String(Math.ceil(count / hosts.length)), image];
  const run = async (name: string) => {
    const session = await pool.session(labConnection(name));
    const stdin = await packTar({ container: { content: "--detach\n", mode: 0o644 } });
    const { code, stderr } = await session.run(name, { words, stdin, deadlineSeconds: 600 });
    if (code !== 0) throw new Error(`${name}: ${stderr}`);
  };
  const taken = await seconds(() => Promise.all(hosts.map(run)));
  for (const name of hosts) {
    const session = await pool.session(labConnection(name));
    await session.run(name, { words: ["sh", "-c", REMOVE_ALL], deadlineSeconds: 600 });
  }
  await pool.close();
  return taken;
}

const RUN_ALL = `set -eu
stage=$(mktemp -d); tar -xf - -C "$stage"; rm -r "$stage"
i=0
while [ "$i" -lt "$1" ]; do
  docker run --detach --init --label floor --publish 8080 "$2" >/dev/null
  i=$((i + 1))
done`;

const REMOVE_ALL = `docker ps --all --quiet --filter label=floor | xargs -r docker rm --force >/dev/null`;
