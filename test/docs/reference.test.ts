import assert from "node:assert/strict";
import { test } from "node:test";
import { readDoor } from "../../package/reference/read-door.ts";
import { referencePage } from "../../package/reference/reference-page.ts";
import { readPage } from "./pages.ts";

const entries = readDoor();

test("docs/reference.md is what the doc comments say", () => {
  assert.equal(
    readPage("docs/reference.md").text,
    referencePage(entries),
    "npm run reference writes it anew",
  );
});

test("every export, and every property of one, has a doc comment", () => {
  const silent = entries.flatMap(({ name, text, members }) => [
    ...(text === "" ? [name] : []),
    ...members.filter((member) => member.text === "").map((member) => `${name}.${member.name}`),
  ]);
  assert.deepEqual(silent, [], "write /** … */ above it: meaning, shape and units");
});

test("every argument that may be left out has a default", () => {
  const silent = entries
    .filter(({ kind }) => kind === "arguments")
    .flatMap(({ name, members }) =>
      members
        .filter(({ isOptional, defaultText }) => isOptional && defaultText === "")
        .map((member) => `${name}.${member.name}`),
    );
  assert.deepEqual(silent, [], "add @default to its doc comment");
});

/** What a number may be: so much of a unit, or that many of something. */
const UNIT = /\b(seconds|days|bytes)\b/i;
const COUNTED = /\bport\b|^How many\b|\bprocessors\b|\bin a row\b|^SRV\b/;

test("every number has its unit, or is a number of something", () => {
  const bare = entries.flatMap(({ name, members }) =>
    members
      .filter(({ type, text }) => /\bnumber\b/.test(type) && !UNIT.test(text) && !COUNTED.test(text))
      .map((member) => `${name}.${member.name}`),
  );
  assert.deepEqual(bare, [], "say of what it is a number, such as days or seconds, in its doc comment");
});

test("every class that takes arguments says when it throws", () => {
  const silent = entries.filter(
    ({ kind, signature, throws }) => kind === "class" && /Args\b/.test(signature) && throws.length === 0,
  );
  assert.deepEqual(
    silent.map(({ name }) => name),
    [],
    "add @throws to its doc comment",
  );
});
