import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { declareResources } from "./stored-state/program.ts";
import { providerOf, type RegisteredResource, registered } from "./stored-state/resources.ts";

/** A resource as `pulumi stack export --show-secrets` has it, in so far as a provider gets it. */
interface StoredResource {
  readonly type: string;
  readonly name: string;
  readonly id: string;
  readonly outputs: Readonly<Record<string, unknown>>;
}

/** A file for each release, named by its version. UPDATE_GOLDEN=1 writes that of the version at hand, never another. */
const FOLDER = new URL("stored-state/", import.meta.url);
const wanted = await registered(declareResources);
if (process.env.UPDATE_GOLDEN) await storeState();
const releases = readdirSync(FOLDER).filter((name) => name.endsWith(".json"));

async function storeState(): Promise<void> {
  const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
  const resources = await Promise.all(wanted.map(created));
  writeFileSync(new URL(`${version}.json`, FOLDER), `${JSON.stringify({ resources }, null, 2)}\n`);
}

/** What `up` leaves of a new resource: its checked inputs. The salt is drawn by lot otherwise. */
async function created({ type, name, arguments: args }: RegisteredResource): Promise<StoredResource> {
  const { inputs } = await providerOf(args).check({ secrets: { salt: "salt" } }, args);
  const id = type.endsWith("Host") ? name : `${inputs.host}/${name}`;
  return { type, name, id, outputs: { ...inputs, __provider: args.__provider } };
}

test("the state of the first release is kept", () => {
  assert.ok(releases.includes("0.1.0.json"));
});

for (const release of releases) {
  test(`the same program changes nothing of the state in ${release}`, async () => {
    for (const { name, id, outputs } of stored(release)) {
      const { arguments: args } = wanted.find((resource) => resource.name === name) as RegisteredResource;
      const { check, diff } = providerOf(args);
      const { inputs, failures = [] } = await check(outputs, args);
      assert.deepEqual(failures, [], name);
      const { __provider: _, ...state } = outputs;
      const left = withScriptsOf(inputs, state);
      const { changes } = await diff(id, left, inputs);
      // Tells which lines they are.
      if (changes) assert.deepEqual(inputs, left, name);
      assert.equal(changes, false, name);
    }
  });

  test(`what the stubs in ${release} call is still there`, async (t) => {
    const complaints = t.mock.method(console, "error", () => {});
    const resources = stored(release);
    for (const { id, outputs } of resources) {
      const state = { ...outputs, connection: NOWHERE };
      const provider = providerOf(outputs);
      await provider.configure({ config: { get: () => undefined, require: () => "" } });
      assert.deepEqual(await provider.diff(id, outputs, outputs), { changes: false });
      assert.deepEqual(await provider.read(id, state), { id, props: state });
      const refused = { message: /^deploy@127\.0\.0\.1:1: could not connect over SSH/ };
      await assert.rejects(provider.create(state), refused);
      await assert.rejects(provider.update(id, state, { ...state, tree: {}, scripts: {} }), refused);
      await assert.rejects(provider.delete(id, state), refused);
    }
    assert.equal(complaints.mock.callCount(), resources.length);
  });
}

/** Where no SSH server is. */
const NOWHERE = { address: "127.0.0.1", port: 1, user: "deploy", hostKey: "ssh-ed25519 AAAAnowhere" };

function stored(file: string): StoredResource[] {
  return JSON.parse(readFileSync(new URL(file, FOLDER), "utf8")).resources;
}

/** Every version brings its own scripts to a host; nothing else of what it left may differ. */
function withScriptsOf(inputs: object, outputs: object): object {
  return "scripts" in inputs ? { ...outputs, scripts: inputs.scripts } : outputs;
}
