// Prints what the demo made: every service with its live state, the URLs, and what to try next.
import { execFileSync } from "node:child_process";

interface Service {
  readonly service: string;
  readonly host: string;
  readonly address: string;
  readonly image: string;
}

/** Container name to Docker's status line, of one host. */
type States = ReadonlyMap<string, string>;

const services: readonly Service[] = readOutput("services");
const endpoints: Readonly<Record<string, string>> = readOutput("endpoints");
const states = new Map(
  [...new Set(services.map(({ host }) => host))].map((host) => [host, readStates(host)]),
);

console.log(`\n${formatTable(services.map(toRow))}\n\n${formatEndpoints()}\n\n${formatNextSteps()}`);

function readOutput<T>(name: string): T {
  return JSON.parse(execFileSync("pulumi", ["stack", "output", name, "--json"], { encoding: "utf8" }));
}

function readStates(host: string): States {
  const words = ["exec", host, "docker", "ps", "--all", "--format", "{{.Names}}\t{{.Status}}"];
  const lines = execFileSync("test/lab/lab", words, { encoding: "utf8" }).trim().split("\n");
  return new Map(lines.map((line) => line.split("\t") as [string, string]));
}

function toRow({ service, host, address, image }: Service): string[] {
  return [service, host, address, states.get(host)?.get(service) ?? "absent", image];
}

function formatTable(rows: readonly string[][]): string {
  const lines = [["SERVICE", "HOST", "ADDRESS", "STATE", "IMAGE"], ...rows];
  const width = (column: number) => Math.max(...lines.map((line) => line[column]?.length ?? 0));
  return lines
    .map((line) =>
      line
        .map((cell, i) => cell.padEnd(width(i)))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

function formatEndpoints(): string {
  return Object.entries(endpoints)
    .map(([name, url]) => `${name}: ${url}`)
    .join("\n");
}

function formatNextSteps(): string {
  const victim = services.find(({ service }) => service === "web") ?? services[0];
  const url = Object.values(endpoints)[0];
  return [
    "Try next:",
    ...(url ? [`  curl -i ${url}`] : []),
    ...(victim
      ? [`  test/lab/lab exec ${victim.host} docker kill ${victim.service}    # it is back within seconds`]
      : []),
    "  . .lab/env && pulumi preview --diff    # after a change to Pulumi.lab.yaml",
    "npm run demo -- --down removes it all.",
  ].join("\n");
}
