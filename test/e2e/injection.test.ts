import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import fc from "fast-check";
import { onHost } from "./lab-environment.ts";
import { labImage, type Services, ServicesStack } from "./services-stack.ts";

const stack = new ServicesStack(["back-3"]);
const encoded = (text: string) => Buffer.from(text).toString("base64");

/** What a shell, Docker, JSON, YAML or a line-based file might take for something else than a value. */
const TRICKY = [
  "",
  "-n",
  "--",
  "--privileged",
  " lead and trail ",
  "'",
  '"',
  "a'b\"c",
  "\\",
  "\\n",
  "$(touch /tmp/owned)",
  "`touch /tmp/owned`",
  "${HOME}",
  "$HOME",
  "*",
  "/etc/*",
  "; touch /tmp/owned",
  "| touch /tmp/owned",
  "> /tmp/owned",
  "#no",
  "!!",
  "{config}",
  "{release}",
  "%s%n",
  "a=b",
  "\t",
  "é ü 漢字 🐳",
  "null",
  "true",
  "{}",
  "x".repeat(50_000),
];
const LONG = "x".repeat(100_000);

const line = fc
  .string({ unit: "grapheme", maxLength: 40 })
  .filter((text) => !/[\n\r\0]/.test(text) && text.isWellFormed());
/** SEED=… repeats the values of a run that failed. */
const seed = Number(process.env.SEED ?? Date.now());
console.log(`SEED=${seed}`);
const random = fc.sample(line, { numRuns: 40, seed });
const values = [...TRICKY, ...random];
const many = (make: (value: string) => string) => `${values.map(make).join("\n")}\n`;
const numbered = (prefix: string) =>
  Object.fromEntries(values.map((value, index) => [`${prefix}${index}`, value]));

const FILES: Readonly<Record<string, string>> = {
  "/data/all": many((value) => value),
  "/data/without an end": many((value) => `${value}\r`).trimEnd(),
  "/data/$(touch owned) 'x' \"y\" *": "odd name",
  "/data/empty": "",
  "/data/long": "é".repeat(60_000),
};

const service = {
  host: "back-3",
  image: labImage("web"),
  command: ["sh", "-c", "sleep 600", LONG, ...values.filter((value) => value.length < 1000)],
  env: { ...numbered("PLAIN"), LONG },
  secretEnv: Object.fromEntries(
    Object.entries(numbered("SECRET")).map(([key, value]) => [key, encoded(value)]),
  ),
  files: FILES,
  secretFiles: Object.fromEntries(
    Object.entries(FILES).map(([path, content]) => [`/secret${path}`, encoded(content)]),
  ),
};

function declared(changes: object = {}): Services {
  return { injected: { ...service, ...changes } };
}

/** The words of a NUL-separated file in the container. */
function words(path: string): string[] {
  return Buffer.from(onHost("back-3", "docker", "exec", "injected", "sh", "-c", `base64 ${path}`), "base64")
    .toString("utf8")
    .split("\0")
    .slice(0, -1);
}

function content(path: string): string {
  return Buffer.from(onHost("back-3", "docker", "exec", "injected", "base64", path), "base64").toString(
    "utf8",
  );
}

before(async () => {
  await stack.create();
  stack.declare(declared());
  await stack.succeed("up");
});

after(() => stack.remove());

test("every word of the command arrives byte for byte", () => {
  assert.deepEqual(words("/proc/1/cmdline").slice(-service.command.length), service.command);
});

test("every environment value arrives byte for byte, the secret ones too", () => {
  const environment = new Map(
    words("/proc/1/environ").map((pair) => {
      const at = pair.indexOf("=");
      return [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
  for (const prefix of ["PLAIN", "SECRET"])
    for (const [name, value] of Object.entries(numbered(prefix)))
      assert.equal(environment.get(name), value, name);
  assert.equal(environment.get("LONG"), LONG);
});

test("every file arrives byte for byte, whatever its name, the secret ones too", () => {
  for (const [path, wanted] of Object.entries(FILES)) {
    assert.equal(content(path), wanted, path);
    assert.equal(content(`/secret${path}`), wanted, `secret ${path}`);
  }
});

test("nothing of it was run on the host or in the container", () => {
  const find = ["find", "/tmp", "/root", "/etc/sv", "-name", "owned*", "-not", "-path", "*/releases/*"];
  assert.equal(onHost("back-3", ...find), "");
  assert.equal(
    onHost("back-3", "docker", "exec", "injected", "find", "/", "-xdev", "-name", "owned*").trim(),
    "",
  );
});

test("a second up finds nothing changed by the way to the host and back", async () => {
  await stack.succeed("up", "--refresh", "--expect-no-changes");
});

const REFUSED = {
  env: { TWO: "a\nb", NUL: "a\0b", LONG: "x".repeat(130_000) },
  command: ["echo", "a\nb"],
  args: ["--label=a\nb", "--name=other"],
  files: { "/a:b": "", "/a/../b": "", "/nul": "a\0b" },
  secretEnv: { SECRET: encoded("a\nb"), LONG: encoded(LONG) },
  image: "web; reboot",
  volumes: ["$(reboot):/data"],
  hostname: "a\nb",
};

const PATHS = [
  "env.TWO",
  "env.NUL",
  "env.LONG",
  "command[1]",
  "args[0]",
  "args[1]",
  'files["/a:b"]',
  'files["/a/../b"]',
  'files["/nul"]',
  "secrets.env.SECRET",
  "secrets.env.LONG",
  "image",
  "volumes[0]",
  "hostname",
];

test("what cannot arrive is refused in preview, all of it at once, with the property's path", async () => {
  stack.declare(declared(REFUSED));
  const { code, output } = await stack.run("preview");
  assert.notEqual(code, 0);
  for (const path of PATHS) assert.ok(output.includes(path), `${path} in:\n${output.slice(0, 5000)}`);
});
