import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { pinnedImage } from "rundock";
import { FakeRegistry } from "./remote/fake-registry.ts";

const DIGEST = `sha256:${"12ab".repeat(16)}`;
const registry = new FakeRegistry();

before(() => registry.start());
after(() => registry.stop());
beforeEach(() => {
  registry.asked.splice(0);
  registry.answer = (_, response) => response.writeHead(200, { "Docker-Content-Digest": DIGEST }).end();
});

function known<T>(output: pulumi.Output<T>): Promise<T> {
  return (output as unknown as { promise(): Promise<T> }).promise();
}

test("a tag becomes its digest, and all who ask get the answer of one request", async () => {
  const image = `${registry.host}/web:1`;
  const values = await Promise.all([image, pulumi.output(image)].map((each) => known(pinnedImage(each))));
  assert.deepEqual(values, [`${image}@${DIGEST}`, `${image}@${DIGEST}`]);
  assert.equal(registry.asked.length, 1);
});

test("an image with a digest is given back as it is, and nobody is asked", async () => {
  const image = `registry.invalid/web@${DIGEST}`;
  assert.equal(await known(pinnedImage(image)), image);
});

test("a secret password does not make the image a secret; a secret name does", async () => {
  const login = { username: "deploy", password: pulumi.secret("correct-horse") };
  const image = pinnedImage(`${registry.host}/private:1`, { login });
  assert.equal(await known(image), `${registry.host}/private:1@${DIGEST}`);
  assert.equal(await pulumi.isSecret(image), false);
  assert.equal(await pulumi.isSecret(pinnedImage(pulumi.secret(`${registry.host}/hidden:1`))), true);
});
