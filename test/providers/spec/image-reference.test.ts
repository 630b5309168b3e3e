import assert from "node:assert/strict";
import { test } from "node:test";
import { parseImageReference, withDigest } from "../../../providers/spec/image-reference.ts";

const DIGEST = `sha256:${"0123456789abcdef".repeat(4)}`;

test("a name is read by Docker's rules: registry, repository and tag", () => {
  const places = {
    nginx: "docker.io library/nginx latest",
    "nginx:1.28": "docker.io library/nginx 1.28",
    "acme/web": "docker.io acme/web latest",
    "docker.io/nginx": "docker.io library/nginx latest",
    "index.docker.io/acme/web:2": "docker.io acme/web 2",
    "registry.example.com/web": "registry.example.com web latest",
    "registry.example.com:5000/team/web:1": "registry.example.com:5000 team/web 1",
    "registry:5000/web": "registry:5000 web latest",
    "localhost/web:1": "localhost web 1",
    "127.0.0.1:5000/web:1": "127.0.0.1:5000 web 1",
    "[::1]:5000/web:1": "[::1]:5000 web 1",
    "a/b/c_d.e--f": "docker.io a/b/c_d.e--f latest",
  };
  for (const [text, expected] of Object.entries(places)) {
    const { registry, repository, tag, digest } = parseImageReference(text);
    assert.equal(`${registry} ${repository} ${tag}`, expected, text);
    assert.equal(digest, null, text);
  }
});

test("a digest is kept, and a new one goes behind the name as it is written", () => {
  assert.equal(parseImageReference(`web@${DIGEST}`).digest, DIGEST);
  assert.equal(parseImageReference(`web:1@${DIGEST}`).digest, DIGEST);
  assert.equal(withDigest(parseImageReference("nginx"), DIGEST), `nginx:latest@${DIGEST}`);
  assert.equal(withDigest(parseImageReference("a.b:50/c:1"), DIGEST), `a.b:50/c:1@${DIGEST}`);
});

test("what Docker would not take is refused with the text", () => {
  const wrong = [
    "",
    "Web",
    "web:",
    "web:1:2",
    "https://a.b/web",
    "web@sha256:12",
    "-web",
    "a//b",
    "a b",
    "web:1\n",
  ];
  for (const text of [...wrong, `${"a".repeat(256)}`]) {
    assert.throws(
      () => parseImageReference(text),
      /should be an image's name, such as/,
      JSON.stringify(text),
    );
  }
});
