import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { type TestContext, test } from "node:test";
import { HostFolders, SCRIPTS, SHELLS } from "./shells.ts";

const REFERENCE = "web:1";
const NAME = "archive.invalid/web:1-f97cde8ae761";
const ID = "sha256:f97cde8ae761";
const ARCHIVE = "the whole archive";
/** Of the image, in an image store of another kind. */
const OTHER_ID = "sha256:0123456789ab";

/** All that the scripts call. A command that is missing here is not found, and its script fails. */
const COMMANDS = ["docker", "jq", "mkdir", "rm", "tail"];

/** A Docker that keeps its images as files: ids/ID, and names/NAME with the ID in it. An image goes with its last name. */
const DOCKER = `#!/bin/sh
set -eu
kill_point=$PATH/kill-point
PATH=/usr/bin:/bin
cd "\${0%/*}/../docker"
named() { echo "names/$(printf %s "$1" | tr / _)"; }
case "$1 $2" in
  'load --quiet')
    head -c 5 >sent
    . "$kill_point"
    cat >>sent
    [ "$(cat sent)" = '${ARCHIVE}' ] || { echo 'unexpected EOF'; exit 1; }
    echo '${ID}' >'ids/${ID}'
    echo '${ID}' >"$(named '${REFERENCE}')"
    ;;
  tag\\ *) cp "ids/$2" "$(named "$3")" ;;
  'image inspect') cat "$(named "$5")" ;;
  'ps --all') ;;
  rmi\\ *)
    id=$(cat "$(named "$2")")
    rm "$(named "$2")"
    grep -rqx "$id" names || rm "ids/$id"
    ;;
  *) echo "asked for $*" >&2; exit 125 ;;
esac
`;

/** Counts the points at which the whole process group may be killed, and does it at one of them. */
const KILL_POINT = `printf . >>"\${0%/*}/../points"
read -r kill_at <"\${0%/*}/../kill-at"
read -r dots <"\${0%/*}/../points" || true
[ "\${#dots}" != "$kill_at" ] || kill -9 0
`;

/** A command with such a point before it. */
const shimFor = (command: string) => `#!/bin/sh
. "\${0%/*}/kill-point"
exec ${command} "$@"
`;

function pathOf(command: string): string {
  return execFileSync("sh", ["-c", 'command -v "$1"', "sh", command], { encoding: "utf8" }).trim();
}

function writeProgram(folders: HostFolders, path: string, text: string): void {
  folders.write(path, text);
  chmodSync(folders.path(path), 0o755);
}

class ImageHost {
  readonly #folders = new HostFolders();
  readonly #shell: (typeof SHELLS)[number];

  constructor(context: TestContext, shell: (typeof SHELLS)[number]) {
    this.#shell = shell;
    context.after(() => this.#folders.remove());
    for (const folder of ["ids", "names"]) this.#folders.write(`docker/${folder}/.keep`, "");
    writeProgram(this.#folders, "real/docker", DOCKER);
    writeProgram(this.#folders, "bin/kill-point", KILL_POINT);
    for (const command of COMMANDS) {
      const found = command === "docker" ? this.#folders.path("real/docker") : pathOf(command);
      writeProgram(this.#folders, `bin/${command}`, shimFor(found));
    }
  }

  putImage(): void {
    this.#folders.write(`docker/ids/${ID}`, `${ID}\n`);
    for (const name of [NAME, REFERENCE])
      this.#folders.write(`docker/names/${name.replace("/", "_")}`, `${ID}\n`);
  }

  /** @param killAt which point; 0 for none. @returns the answer, or nothing when it was killed. */
  run(script: string, killAt = 0): object | undefined {
    this.#folders.write("kill-at", `${killAt}\n`);
    this.#folders.write("points", "");
    const [program, ...words] = this.#shell;
    const call = ["--wait", pathOf(program), ...words, `${SCRIPTS}/${script}`, REFERENCE, NAME, OTHER_ID, ID];
    const { stdout, stderr } = spawnSync("/usr/bin/setsid", call, {
      input: ARCHIVE,
      encoding: "utf8",
      env: { ...this.#folders.environment, PATH: this.#folders.path("bin") },
    });
    const points = statSync(this.#folders.path("points")).size;
    if (killAt > 0 && points >= killAt) return undefined;
    assert.equal(stderr, "");
    return JSON.parse(stdout);
  }

  /** The names that Docker knows, each of an image that is there. */
  names(): string[] {
    const names = readdirSync(this.#folders.path("docker/names")).filter((name) => name !== ".keep");
    for (const name of names) {
      const id = readFileSync(this.#folders.path(`docker/names/${name}`), "utf8").trim();
      assert.ok(existsSync(this.#folders.path(`docker/ids/${id}`)), `${name} stands for nothing`);
    }
    return names.map((name) => name.replace("_", "/")).sort();
  }

  stages(): string[] {
    return readdirSync(this.#folders.path("run")).filter((name) => name !== "withdrawn");
  }
}

for (const shell of SHELLS) {
  const under = `under ${shell.join(" ")}`;

  test(`load-image.sh may be killed at any command: the name means the whole image, and the next call loads it, ${under}`, (context) => {
    for (let point = 1; ; point += 1) {
      const host = new ImageHost(context, shell);
      const answer = host.run("load-image.sh", point);
      host.names();
      if (answer === undefined) assert.deepEqual(host.run("load-image.sh"), { ok: true }, `point ${point}`);
      assert.deepEqual(host.names(), [NAME, REFERENCE]);
      assert.deepEqual(host.stages(), []);
      if (answer === undefined) continue;
      assert.deepEqual([answer, point > 5], [{ ok: true }, true]);
      return;
    }
  });

  test(`remove-image.sh may be killed at any command, and the next call removes what is left, ${under}`, (context) => {
    for (let point = 1; ; point += 1) {
      const host = new ImageHost(context, shell);
      host.putImage();
      const answer = host.run("remove-image.sh", point);
      host.names();
      const gone = { ok: true, containers: [] };
      if (answer === undefined) assert.deepEqual(host.run("remove-image.sh"), gone, `point ${point}`);
      assert.deepEqual([host.names(), host.stages()], [[], []]);
      if (answer === undefined) continue;
      assert.deepEqual([answer, point > 8], [gone, true]);
      return;
    }
  });
}
