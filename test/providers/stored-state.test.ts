import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { mock, test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import * as door from "rundock";
import { declareResources } from "./stored-state/program.ts";
import { type Provider, providerOf, type RegisteredResource, registered } from "./stored-state/resources.ts";

/** A resource as `pulumi stack export --show-secrets` has it, in so far as a provider gets it. */
interface StoredResource {
  readonly type: string;
  readonly name: string;
  readonly id: string;
  readonly outputs: Readonly<Record<string, unknown>>;
}

/** A file for each release, named by its version. UPDATE_GOLDEN=1 writes that of the version at hand, never another. */
const FOLDER = new URL("stored-state/", import.meta.url);
const FIRST = "0.1.0.json";
/** Certificates end; the day on which the state was left does not. */
const THEN = new Date("2026-11-25T12:00:00Z");
/** What is drawn by lot is drawn once: the certificates of every release are signed by the same keys. */
const drawn = new Map(stored(FIRST).map(({ name, outputs }) => [name, outputs]));

mock.timers.enable({ apis: ["Date"], now: THEN });
const wanted = await registered(declareResources, outputsOf);
if (process.env.UPDATE_GOLDEN) await storeState();
const releases = readdirSync(FOLDER).filter((name) => name.endsWith(".json"));

async function storeState(): Promise<void> {
  const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
  const resources = await Promise.all(wanted.map(created));
  writeFileSync(new URL(`${version}.json`, FOLDER), `${JSON.stringify({ resources }, null, 2)}\n`);
}

/** What others use of a resource: of one that asks no host, all that it has. */
async function outputsOf(resource: RegisteredResource): Promise<Record<string, unknown>> {
  if (!isLocal(resource)) return {};
  const outputs = drawn.get(resource.name) ?? (await created(resource)).outputs;
  drawn.set(resource.name, outputs);
  return outputs;
}

/** What `up` leaves of a new resource. Of one on a host that is its checked inputs; the salt is drawn by lot otherwise. */
async function created(resource: RegisteredResource): Promise<StoredResource> {
  const { type, name, arguments: args } = resource;
  const { check, create } = providerOf(args);
  const { inputs, failures = [] } = await check({ secrets: { salt: "salt" } }, args);
  assert.deepEqual(failures, [], name);
  const id = type.endsWith("Host") ? name : `${inputs.host}/${name}`;
  const { outs } = isLocal(resource)
    ? { outs: drawn.get(name) ?? (await create(inputs)).outs }
    : { outs: inputs };
  return { type, name, id, outputs: { ...outs, __provider: args.__provider } };
}

function isLocal({ type }: { readonly type: string }): boolean {
  return /:(CertificateAuthority|Certificate|RandomPassword)$/.test(type);
}

test("the state of the first release is kept, and has every resource that a program can declare", () => {
  const types = new Set(stored(FIRST).map(({ type }) => type));
  assert.deepEqual([...types].sort(), [...new Set(wanted.map(({ type }) => type))].sort());
  const classes = Object.values(door).filter((value) => value.prototype instanceof pulumi.CustomResource);
  assert.equal(types.size, classes.length);
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
    for (const resource of resources) {
      const provider = providerOf(resource.outputs);
      await provider.configure({ config: { get: () => undefined, require: () => "" } });
      const { changes } = await provider.diff(resource.id, resource.outputs, resource.outputs);
      assert.equal(changes, false, resource.name);
      await (isLocal(resource) ? keepsWhatWasDrawn(resource, provider) : asksItsHost(resource, provider));
    }
    assert.equal(complaints.mock.callCount(), resources.filter((resource) => !isLocal(resource)).length);
  });
}

async function keepsWhatWasDrawn({ id, outputs }: StoredResource, provider: Provider): Promise<void> {
  const { __provider: _, ...state } = outputs;
  assert.deepEqual(await provider.read(id, state), { id, props: state });
  assert.partialDeepStrictEqual((await provider.update(id, state, state)).outs, state);
  await provider.delete(id, state);
}

async function asksItsHost({ type, id, outputs }: StoredResource, provider: Provider): Promise<void> {
  const state = { ...outputs, connection: NOWHERE };
  const refused = { message: /^deploy@127\.0\.0\.1:1: could not connect over SSH/ };
  assert.deepEqual(await provider.read(id, state), { id, props: state });
  await assert.rejects(provider.create(state), refused);
  // An archive's update is another way to its host, and the rights in etcd go with the cluster.
  if (!type.endsWith("ImageArchive"))
    await assert.rejects(provider.update(id, state, { ...state, tree: {}, scripts: {} }), refused);
  if (!type.endsWith("EtcdAccess")) await assert.rejects(provider.delete(id, state), refused);
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
