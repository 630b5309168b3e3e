import { onHost } from "./lab-environment.ts";

/** A piece of sh that a lab host runs again and again beside a test: before, throughout and after what the test does. */
export class HostWatch {
  readonly #host: string;

  /** Returns when it has been through once. One that was left behind on the host ends. @param words its `$1`, `$2`, … */
  constructor(host: string, round: string, ...words: string[]) {
    this.#host = host;
    onHost(host, "sh", "-euc", START, "sh", again(round), ...words);
  }

  /** Ends it after the task, however that ends. @returns the lines that it printed, too */
  async during<T>(task: () => Promise<T>): Promise<{ result: T; lines: string[] }> {
    let lines: string[] = [];
    const result = await task().finally(() => {
      lines = this.end();
    });
    return { result, lines };
  }

  /** Ends it when it has been through once more. @returns the lines that it printed */
  end(): string[] {
    return onHost(this.#host, "sh", "-euc", END).split("\n").filter(Boolean);
  }
}

/** A dot for each round is enough of a count, and nobody has to wait for what a slow machine does by the clock. */
const again = (round: string) => `set -eu
echo $$ >/tmp/watcher
while read -r watcher </tmp/watcher && [ "$watcher" = $$ ]; do
  ${round}
  printf . >>"/tmp/rounds.$$"
done`;

const AWAIT_ROUNDS = `rounds() { stat -c %s "/tmp/rounds.$watcher" 2>/dev/null || echo 0; }
await_rounds() {
  tries=0
  until [ "$(rounds)" -ge "$1" ]; do
    tries=$((tries + 1))
    [ "$tries" -lt 1200 ] || { cat /tmp/watched >&2; exit 1; }
    sleep 0.05
  done
}`;

const START = `${AWAIT_ROUNDS}
: >/tmp/watcher
rm -f /tmp/rounds.*
loop=$1
shift
setsid sh -c "$loop" sh "$@" >/tmp/watched 2>&1 </dev/null &
watcher=$!
await_rounds 1`;

const END = `${AWAIT_ROUNDS}
read -r watcher </tmp/watcher
await_rounds $(($(rounds) + 1))
: >/tmp/watcher
while kill -0 "$watcher" 2>/dev/null; do sleep 0.05; done
cat /tmp/watched
rm /tmp/watched "/tmp/rounds.$watcher"`;
