import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { SCRIPTS } from "./shells.ts";

interface Inspection {
  readonly Image?: string;
  readonly Config?: object;
  readonly HostConfig?: object;
  readonly NetworkSettings?: object;
}

/** As Docker tells of a container that Rundock made, in so far as it matters. */
function wanted({ Config, HostConfig, ...rest }: Inspection = {}) {
  return {
    Id: "0123456789abcdef",
    Image: "sha256:aa",
    Config: {
      Hostname: "back-1-web",
      Env: ["A=1", "PATH=/bin"],
      Cmd: ["serve"],
      Labels: { "rundock.service": "web" },
      ...Config,
    },
    HostConfig: {
      NetworkMode: "bridge",
      Init: true,
      Binds: ["data:/data"],
      Memory: 0,
      RestartPolicy: { Name: "no" },
      ...HostConfig,
    },
    NetworkSettings: { Networks: { bridge: {} } },
    ...rest,
  };
}

function differences(there: object): string {
  const input = `${JSON.stringify(there)}\n${JSON.stringify(wanted())}`;
  const { stdout, stderr } = spawnSync("jq", ["-rs", "-f", `${SCRIPTS}/container-differences.jq`], {
    input,
    encoding: "utf8",
  });
  assert.equal(stderr, "");
  return stdout.trim();
}

const SAME: readonly [what: string, there: Inspection][] = [
  [
    "was made with -i and --rm",
    { Config: { OpenStdin: true, StdinOnce: true, AttachStdin: true }, HostConfig: { AutoRemove: true } },
  ],
  [
    "has no init, no labels and a restart policy",
    { Config: { Labels: {} }, HostConfig: { Init: null, RestartPolicy: { Name: "always" } } },
  ],
  ["was given no host name", { Config: { Hostname: "0123456789ab" } }],
  [
    "got the same in another order",
    { Config: { Env: ["PATH=/bin", "A=1"] }, HostConfig: { Binds: ["data:/data:rw"] } },
  ],
  [
    "is of an older Docker",
    { HostConfig: { NetworkMode: "default", MemorySwappiness: -1, Dns: [], MaskedPaths: ["/proc/asound"] } },
  ],
  ["has another time to stop", { Config: { StopTimeout: 60 } }],
];

for (const [what, there] of SAME) {
  test(`a container that ${what} is the same`, () => assert.equal(differences(wanted(there)), ""));
}

const DIFFERENT: readonly [fields: string, there: Inspection][] = [
  ["Image", { Image: "sha256:bb" }],
  ["Env", { Config: { Env: ["A=2", "PATH=/bin"] } }],
  ["Cmd", { Config: { Cmd: ["serve", ""] } }],
  ["Hostname", { Config: { Hostname: "web" } }],
  ["Binds", { HostConfig: { Binds: ["data:/data:ro"] } }],
  ["Memory", { HostConfig: { Memory: 1024 } }],
  ["PortBindings", { HostConfig: { PortBindings: { "80/tcp": [{ HostIp: "", HostPort: "80" }] } } }],
  ["Volumes", { Config: { Volumes: { "/data": {} } } }],
  ["VolumesFrom", { HostConfig: { VolumesFrom: ["data.web"] } }],
  ["Networks", { NetworkSettings: { Networks: { bridge: {}, extra: {} } } }],
  [
    "NetworkMode, Networks",
    { HostConfig: { NetworkMode: "host" }, NetworkSettings: { Networks: { host: {} } } },
  ],
];

for (const [fields, there] of DIFFERENT) {
  test(`a container with another ${fields} differs`, () => assert.equal(differences(wanted(there)), fields));
}
