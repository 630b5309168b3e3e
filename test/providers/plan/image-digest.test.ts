import assert from "node:assert/strict";
import { test } from "node:test";
import { digestOf } from "../../../providers/plan/image-digest.ts";

const WEB = "registry.example.com:5000/web@sha256:aa";
const COPY = "mirror.example.com/web@sha256:bb";

const DIGESTS: readonly [what: string, image: string, names: string[], digest: string | null][] = [
  ["its registry's own", "registry.example.com:5000/web:1", [COPY, WEB], "sha256:aa"],
  ["the one that is written", "registry.example.com:5000/web:1@sha256:cc", [WEB], "sha256:cc"],
  ["the only one", "docker.io/library/nginx", ["nginx@sha256:dd"], "sha256:dd"],
  ["none without a registry", "archive.invalid/web:1-f97c", [], null],
];

for (const [what, image, names, digest] of DIGESTS) {
  test(`the digest of an image is ${what}`, () => assert.equal(digestOf(image, names), digest));
}
