import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { labConfiguration, onHost, ROOT } from "./lab-environment.ts";
import { anyTypesOf } from "./package/any-types.ts";
import { PROGRAM_KINDS } from "./package/program-kinds.ts";
import { StrangerProject } from "./package/stranger-project.ts";
import { PulumiStack } from "./pulumi-stack.ts";
import { labImage } from "./services-stack.ts";

const HOST = "back-1";
const project = new StrangerProject();

before(() => {
  project.pack();
  project.install();
});

after(() => project.remove());

test("the tarball holds the compiled code, the scripts of the hosts, and nothing of the repository's own", () => {
  const listing = execFileSync("tar", ["--list", "--gzip", "--file", project.tarball], { encoding: "utf8" });
  const paths = listing
    .trim()
    .split("\n")
    .map((path) => path.replace(/^package\//, ""));
  const documents = ["CHANGELOG.md", "README.md", "package.json"];
  const scripts = readdirSync(join(ROOT, "providers/on-host")).map((name) => `dist/on-host/${name}`);
  const code = paths.filter((path) => /^dist\/.*\.(js|d\.ts)$/.test(path));
  assert.deepEqual(paths.sort(), [...documents, ...scripts, ...code].sort());
});

test("Pulumi is the one that the program has", () => {
  const { dependencies, peerDependencies } = JSON.parse(
    readFileSync(join(project.installed, "package.json"), "utf8"),
  );
  assert.match(peerDependencies["@pulumi/pulumi"], /^\^3\./);
  assert.deepEqual(
    Object.keys(dependencies).filter((name) => name.startsWith("@pulumi/")),
    [],
  );
});

test("no export of the package leads to an any", () => {
  const { exports } = JSON.parse(readFileSync(join(project.installed, "package.json"), "utf8"));
  const doors = Object.values(exports as Record<string, { types: string }>).map(({ types }) =>
    join(project.installed, types),
  );
  assert.deepEqual(
    doors.flatMap((door) => anyTypesOf(door, project.installed)),
    [],
  );
});

test("packing leaves the repository as it was", () => {
  const copy = join(project.folder, "repository");
  assert.equal(
    readFileSync(join(copy, "package.json"), "utf8"),
    readFileSync(join(ROOT, "package.json"), "utf8"),
  );
  assert.deepEqual(
    readdirSync(copy).filter((name) => /^dist|\.tgz$|\.repository$/.test(name)),
    [],
  );
});

for (const [name, kind] of Object.entries(PROGRAM_KINDS)) {
  test(`a program in ${name} works with the installed package`, async () => {
    const folder = project.addProgram(kind);
    if (kind.compilerOptions) project.checkTypes(folder);
    const stack = new PulumiStack(folder);
    await stack.create();
    try {
      stack.configure(configuration());
      assert.match(await stack.succeed("preview"), /\+ 4 to create/);
      await stack.succeed("up");
      assert.equal(inContainer("echo $GREETING, $TOKEN"), "hello, hush\n");
      assert.doesNotMatch(await stack.succeed("refresh", "--expect-no-changes"), /not refreshed/);
      await stack.succeed("up", "--expect-no-changes");
    } finally {
      await stack.remove();
    }
    assert.equal(onHost(HOST, "docker", "ps", "--all", "--quiet", "--filter", "name=^stranger$"), "");
  });
}

test("a program that bootstraps a host without @pulumi/command is told what to install", () => {
  const said = project.evaluate(`
    import * as pulumi from "@pulumi/pulumi";
    import { Host } from "rundock";
    const args = { address: "10.0.0.21", hostKey: "ssh-ed25519 AAAA", privateAddress: "10.0.0.21", bootstrap: true };
    try { new Host("back-1", args); } catch (error) { console.log(pulumi.RunError.isInstance(error), error.message); }
  `);
  assert.match(
    said,
    /^true back-1 .*: could not bootstrap: .* is not installed\n {2}npm install --save-exact @pulumi\/command@1\.2\.1\n$/,
  );
});

function configuration(): Record<string, unknown> {
  const { config } = labConfiguration();
  const { jump, ...host } = labHost(HOST);
  return {
    "rundock:sshKey": config["rundock:sshKey"],
    "stranger:jump": labHost(jump as string),
    "stranger:host": host,
    "stranger:image": labImage("web"),
  };
}

function labHost(wanted: string) {
  const host = labConfiguration().config["rundock:hosts"].find(({ name }) => name === wanted);
  if (host === undefined) throw new Error(`the lab has no host ${wanted}`);
  const { name: _, roles, ...args } = host;
  return args;
}

function inContainer(command: string): string {
  return onHost(HOST, "docker", "exec", "stranger", "sh", "-c", command);
}
