import { execFile } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { eventually } from "../e2e/eventually.ts";
import { getOverTls } from "../e2e/fresh-connections.ts";
import { LAB, ROOT } from "../e2e/lab-environment.ts";
import { labHost, labImage } from "../e2e/services-stack.ts";
import { DnsLoad } from "./dns-load.ts";
import { secondsUntil, secondsUntilForgotten } from "./dns-watch.ts";
import {
  BACKENDS,
  domain,
  FRONTENDS,
  failoverFleets,
  failoverServices,
  failoverStack,
  PUBLIC_NAME,
  type Variation,
} from "./failover-stack.ts";
import { Load, type LoadResult } from "./load.ts";

const stack = failoverStack();
const WEB = `web.${domain}`;
const ALL = [...FRONTENDS, ...BACKENDS];

interface Event {
  readonly name: string;
  /** Makes it happen, and tells what was timed meanwhile. */
  readonly happen: () => Promise<string>;
  /** Seconds for which the load goes on afterwards. @default 5 */
  readonly after?: number;
  /** A frontend that is lost: what fails through it is not counted. */
  readonly lost?: string;
  /** Whether the load comes over TLS. @default over plain HTTP */
  readonly tls?: true;
}

function declare(variation: Variation): void {
  stack.declare(failoverServices(variation), failoverFleets(variation));
}

/** An update that must succeed, and how long it took. */
async function update(variation: Variation): Promise<string> {
  declare(variation);
  const start = performance.now();
  await stack.succeed("up");
  return `up took ${seconds(performance.now() - start)}`;
}

/** An update to a version that is not good: it must fail on one host, and every host must be left with the container before. */
async function badUpdate(web: object): Promise<string> {
  const before = await instances();
  declare({ web });
  const start = performance.now();
  const { code, output } = await stack.run("up");
  const took = seconds(performance.now() - start);
  const failed = BACKENDS.filter((host) => output.includes(`${host}: web: could not start`));
  declare({});
  if (code === 0) return "up SUCCEEDED, which is wrong";
  const tried = `tried on ${failed.join(", ")}${failed.length === 1 ? "" : ", which is WRONG"}`;
  const left =
    (await instances()) === before ? "all containers as before" : "OTHER CONTAINERS, which is wrong";
  return `up failed after ${took}; ${tried}; ${left}`;
}

/** The containers of the web service on each backend, and that they run. */
async function instances(): Promise<string> {
  const words = ["--no-trunc", "--filter=label=rundock.service=web", "--format={{.ID}} {{.State}}"];
  return (await onEach(BACKENDS, "docker", "ps", "--all", ...words)).join();
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}

function addressOf(host: string): string {
  return labHost(host).privateAddress;
}

function publicAddressOf(host: string): string {
  return labHost(host).publicAddress ?? "";
}

/** What each frontend shows, as fingerprints. */
async function shownCertificates(): Promise<string> {
  const shown = FRONTENDS.map((host) => getOverTls(publicAddressOf(host), PUBLIC_NAME));
  return (await Promise.all(shown)).map(({ fingerprint }) => fingerprint).join();
}

/** Gone from DNS, then there again. */
async function goneAndBack(host: string): Promise<string> {
  const gone = await secondsUntil(
    addressOf("front-1"),
    WEB,
    (addresses) => !addresses.includes(addressOf(host)),
  );
  const back = await secondsUntil(addressOf("front-1"), WEB, (addresses) =>
    addresses.includes(addressOf(host)),
  );
  return `gone from DNS after ${gone.toFixed(2)} s, back after ${(gone + back).toFixed(1)} s`;
}

async function backInDns(): Promise<string> {
  const all = await secondsUntil(
    addressOf("front-1"),
    WEB,
    (addresses) => addresses.length === BACKENDS.length,
  );
  return `all in DNS again after ${all.toFixed(1)} s`;
}

async function secondsUntilServed(frontend: string): Promise<number> {
  const start = performance.now();
  const url = `http://${publicAddressOf(frontend)}/`;
  while (!(await fetch(url).catch(() => undefined))?.ok) await sleep(20);
  return (performance.now() - start) / 1000;
}

const execute = promisify(execFile);

/** One of the lab's commands, and what it says. While it waits, the load of this process goes on. */
async function lab(...words: string[]): Promise<string> {
  const { stdout } = await execute(`${ROOT}/test/lab/lab`, words, {
    env: { ...process.env, RUNDOCK_LAB: LAB },
  });
  return stdout;
}

function onHost(host: string, ...words: string[]): Promise<string> {
  return lab("exec", host, ...words);
}

/** All at once. */
function onEach(hosts: readonly string[], ...words: string[]): Promise<string[]> {
  return Promise.all(hosts.map((host) => onHost(host, ...words)));
}

/** The lab's image by another name, so that it is another one to Docker and has to be pulled. */
async function digestOf(image: string, host: string): Promise<string> {
  const words = ["docker", "image", "inspect", "--format={{index .RepoDigests 0}}", labImage(image)];
  return (await onHost(host, ...words)).trim();
}

function killContainer(host: string, name: string): Promise<string> {
  return onHost(host, "sh", "-c", 'kill -9 "$(docker inspect --format "{{.State.Pid}}" "$1")"', "sh", name);
}

/** Queries go on meanwhile. */
async function whileAsking(happen: () => Promise<string>): Promise<string> {
  const load = new DnsLoad(ALL, WEB);
  const timed = await happen();
  await sleep(3000);
  return `${timed}; ${await load.stop()}`;
}

/** Listens two seconds after it starts. */
const SLOW = { env: { VERSION: "3", LISTEN_AFTER: "2" } };
const EXITS = ["sh", "-c", "exit 3"];
const DIES = ["sh", "-c", "/bin/serve & sleep 2; exit 9"];
const HANGS = ["sleep", "600"];

const EVENTS: Readonly<Record<string, Event>> = {
  update: {
    name: "rolling update of 3",
    happen: () => update({ web: { env: { VERSION: "2" } } }),
  },
  slow: {
    name: "rolling update of 3, listening after 2 s",
    happen: () => update({ web: SLOW }),
  },
  "slow-instance": {
    name: "kill -9 of one instance, listening after 2 s",
    happen: async () => {
      const taken = await update({ web: SLOW });
      await killContainer("back-2", "web");
      return `${taken}; ${await goneAndBack("back-2")}`;
    },
  },
  "at-once": {
    name: "update of 3, all at once",
    happen: () => update({ web: { env: { VERSION: "4" }, rollout: { canary: 0, maxParallel: 3 } } }),
  },
  back: { name: "rolling update of 3, back to the first version", happen: () => update({}) },
  ten: {
    name: "from 3 instances to 10, a rolling update of them, one to listening after 2 s, and back to 3",
    happen: async () => {
      const steps = [
        { instances: 10 },
        { instances: 10, web: { env: { VERSION: "5" } } },
        { instances: 10, web: SLOW },
        {},
      ];
      const taken: string[] = [];
      for (const step of steps) taken.push(await update(step));
      return taken.join(", ");
    },
  },
  exits: { name: "update to a version that exits at once", happen: () => badUpdate({ command: EXITS }) },
  dies: { name: "update to a version that dies after 2 s", happen: () => badUpdate({ command: DIES }) },
  hangs: {
    name: "update to a version that never gets ready",
    happen: () => badUpdate({ command: HANGS, ready: { http: "/", timeout: 5 } }),
  },
  announce: {
    name: "announcement changed",
    happen: async () => {
      const web = { announce: { name: "web", port: 8080, probe: { http: "/" }, weight: 50 } };
      const taken = await update({ web });
      await stack.succeed("up");
      return taken;
    },
  },
  files: {
    name: "files of the web service changed: in the container, and of the ready gate alone",
    happen: async () => {
      const files = { "/etc/greeting": "hello\n" };
      const ready = { http: "/", timeout: 40 };
      const taken: string[] = [];
      for (const web of [{ files }, { files, ready }, {}]) taken.push(await update({ web }));
      return taken.join(", ");
    },
  },
  configuration: { name: "nginx configuration changed", happen: () => update({ keepalive: 16 }) },
  nginx: {
    name: "image of nginx replaced on both frontends, one after the other",
    happen: async () => {
      const image = await digestOf("nginx", "front-1");
      return update({ keepalive: 16, nginx: { image } });
    },
  },
  certificates: {
    name: "certificate of a site replaced, load over TLS",
    tls: true,
    happen: async () => {
      const before = await shownCertificates();
      const taken = await update({ certificate: 1 });
      // After another event this one replaces nginx too, and the old one drains for some seconds.
      await eventually("another certificate is shown", async () => (await shownCertificates()) !== before);
      return taken;
    },
  },
  coredns: {
    name: "CoreDNS replaced on all hosts",
    happen: () => whileAsking(() => update({ coredns: { env: { GENERATION: "2" } } })),
  },
  instance: {
    name: "kill -9 of one instance",
    happen: async () => {
      await killContainer("back-2", "web");
      return goneAndBack("back-2");
    },
  },
  backend: {
    name: "loss of a backend",
    happen: async () => {
      await lab("kill", "back-3");
      const gone = await secondsUntil(
        addressOf("front-1"),
        WEB,
        (addresses) => !addresses.includes(addressOf("back-3")),
      );
      await sleep(3000);
      await lab("start", "back-3");
      return `gone from DNS after ${gone.toFixed(1)} s; ${await backInDns()} from its start`;
    },
  },
  frontend: {
    name: "loss of a frontend, as seen through the other",
    lost: "front-2",
    happen: async () => {
      await lab("kill", "front-2");
      const [server, lost] = FRONTENDS.map(publicAddressOf) as [string, string];
      const { gone, forgotten } = await secondsUntilForgotten(server, PUBLIC_NAME, lost);
      await sleep(3000);
      await lab("start", "front-2");
      const back = await secondsUntil(server, PUBLIC_NAME, (addresses) => addresses.includes(lost));
      return `public DNS without it after ${gone.toFixed(1)} s, kept answers after ${forgotten.toFixed(1)} s; with it ${back.toFixed(1)} s after its start`;
    },
    after: 10,
  },
  dockerd: {
    name: "restart of dockerd on a backend",
    happen: async () => {
      await onHost("back-2", "sh", "-c", "kill $(pidof dockerd)");
      return goneAndBack("back-2");
    },
  },
  "all-instances": {
    name: "all instances lost, then back",
    happen: async () => {
      await Promise.all(BACKENDS.map((host) => killContainer(host, "web")));
      const gone = await secondsUntil(addressOf("front-1"), WEB, (addresses) => addresses.length === 0);
      const first = await secondsUntil(addressOf("front-1"), WEB, (addresses) => addresses.length > 0);
      const flow = await Promise.all(FRONTENDS.map(secondsUntilServed));
      const [announced, served] = [seconds(1000 * (gone + first)), seconds(1000 * Math.max(...flow))];
      return `first announced after ${announced}, served by both frontends ${served} later; ${await backInDns()} more`;
    },
  },
  "crash-loop": {
    name: "crash loop of one instance",
    happen: async () => {
      const taken: string[] = [];
      for (let time = 0; time < 5; time += 1) {
        await killContainer("back-2", "web");
        taken.push(await goneAndBack("back-2"));
      }
      return taken.join("; ");
    },
  },
  member: {
    name: "one etcd member lost for 10 s",
    happen: async () => {
      await onHost("back-1", "sv", "down", "etcd");
      await sleep(10_000);
      await onHost("back-1", "sv", "up", "etcd");
      return "";
    },
  },
  etcd: {
    name: "all etcd members lost for 5 minutes",
    happen: async () => {
      await onEach(BACKENDS, "sv", "down", "etcd");
      await sleep(300_000);
      await onEach(BACKENDS, "sv", "up", "etcd");
      return backInDns();
    },
  },
  dns: {
    name: "all CoreDNS stopped for 60 s",
    happen: async () => {
      await onEach(ALL, "sv", "down", "coredns");
      await sleep(60_000);
      await onEach(ALL, "sv", "up", "coredns");
      return backInDns();
    },
  },
  power: {
    name: "all hosts power-cycled at once",
    happen: async () => {
      await Promise.all(ALL.map((host) => lab("kill", host)));
      const start = performance.now();
      await Promise.all(ALL.map((host) => lab("start", host)));
      const dns = await backInDns();
      return `${dns}, ${seconds(performance.now() - start)} from the first start`;
    },
    after: 10,
  },
};

/** One row of the table. */
interface Row {
  readonly event: string;
  readonly requests: number;
  readonly "failed GET": number;
  readonly "failed POST": number;
  /** Seconds from the event to the last failure. */
  readonly "last failure": string;
  readonly timed: string;
}

async function measure({ name, happen, after = 5, lost, tls }: Event): Promise<Row> {
  const load = new Load(FRONTENDS.map(publicAddressOf), tls && PUBLIC_NAME);
  await sleep(2000);
  const begin = load.now;
  const timed = await happen();
  await sleep(after * 1000);
  const { total, failed: all, answers } = await load.stop();
  const failed = all.filter(({ frontend }) => lost === undefined || frontend !== publicAddressOf(lost));
  console.log(`${name}: ${timed}; ${failed.length} of ${total} failed${reasons(failed, answers)}`);
  const count = (method: string) => failed.filter((each) => each.method === method).length;
  const last = failed.at(-1);
  return {
    event: name,
    requests: total,
    "failed GET": count("GET"),
    "failed POST": count("POST"),
    "last failure": last ? seconds(last.at - begin) : "-",
    timed,
  };
}

/** Why requests failed, and which versions answered last. */
function reasons(failed: LoadResult["failed"], answers: LoadResult["answers"]): string {
  const whys = [...new Set(failed.map(({ method, why }) => `${method} ${why}`))].slice(0, 4);
  const versions = [...new Set(answers.slice(-50).map(({ body }) => body.slice(0, 5)))].join(", ");
  return `${whys.length > 0 ? ` (${whys.join("; ")})` : ""}; answers at the end: ${versions}`;
}

const wanted = process.argv.slice(2);
await stack.create();
declare({});
await stack.succeed("up");
// A frontend that started before the first instance was announced learns of it within a second or two.
await sleep(5000);
const rows: Row[] = [];
try {
  for (const [key, event] of Object.entries(EVENTS)) {
    if (wanted.length === 0 || wanted.includes(key)) rows.push(await measure(event));
  }
} finally {
  console.table(rows);
  declare({});
  await stack.remove();
}
