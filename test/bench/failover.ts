import { execFile } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { eventually } from "../e2e/eventually.ts";
import { getOverTls } from "../e2e/fresh-connections.ts";
import { LAB, ROOT } from "../e2e/lab-environment.ts";
import { absencesOf, revisionOf, tellEnd } from "../e2e/record-history.ts";
import { labHost, labImage } from "../e2e/services-stack.ts";
import { DnsLoad } from "./dns-load.ts";
import { secondsUntil, secondsUntilForgotten } from "./dns-watch.ts";
import {
  APPLICATIONS,
  type Application,
  BACKENDS,
  type Changes,
  domain,
  etcdUrl,
  FRONTENDS,
  failoverFleets,
  failoverServices,
  failoverStack,
  instanceKeys,
  SITES,
  type Variation,
} from "./failover-stack.ts";
import { type FailedRequest, isServed, Load, type LoadResult } from "./load.ts";

const stack = failoverStack();
const ALL = [...FRONTENDS, ...BACKENDS];
/** Every fourth request is for the application that listens late. */
const TURNS: readonly Application[] = ["web", "web", "web", "slow"];

interface Event {
  readonly name: string;
  /** Makes it happen, and tells what was timed meanwhile. */
  readonly happen: () => Promise<string>;
  /** Seconds for which the load goes on afterwards. @default 5 */
  readonly after?: number;
  /** A frontend that is lost: what fails through it is not counted. */
  readonly lost?: string;
  /** Whether the load comes over TLS. @default over plain HTTP */
  readonly tls?: boolean;
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

function both(changes: Changes): Variation {
  return { web: changes, slow: changes };
}

/** One application, then the other one, which is as it was before meanwhile. */
async function updateInTurn(changes: Changes, before: Changes = {}): Promise<string> {
  const web = await update({ web: changes, slow: before });
  return `web: ${web}; slow: ${await update(both(changes))}`;
}

/** For both at once. */
async function ofEach(time: (application: Application) => Promise<string>): Promise<string> {
  const timed = APPLICATIONS.map(async (application) => `${application}: ${await time(application)}`);
  return (await Promise.all(timed)).join("; ");
}

/**
 * An update of both to a version that is not good: each must fail on one host, and every host must be left with the containers
 * before.
 */
async function badUpdate(changes: Changes): Promise<string> {
  const before = await instances();
  declare(both(changes));
  const start = performance.now();
  const { code, output } = await stack.run("up");
  const took = seconds(performance.now() - start);
  declare({});
  if (code === 0) return "up SUCCEEDED, which is wrong";
  const left =
    (await instances()) === before ? "all containers as before" : "OTHER CONTAINERS, which is wrong";
  return `up failed after ${took}; ${await ofEach(async (name) => triedOn(name, output))}; ${left}`;
}

function triedOn(application: Application, output: string): string {
  const failed = BACKENDS.filter((host) => output.includes(`${host}: ${application}: could not start`));
  return `tried on ${failed.join(", ")}${failed.length === 1 ? "" : ", which is WRONG"}`;
}

/** The containers of the applications on each backend, and that they run. */
async function instances(): Promise<string> {
  const containers = ["ps", "--all", "--no-trunc", "--format={{.ID}} {{.State}}"];
  const found = APPLICATIONS.map((name) =>
    onEach(BACKENDS, "docker", ...containers, `--filter=label=rundock.service=${name}`),
  );
  return (await Promise.all(found)).join();
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
  const shown = FRONTENDS.map((host) => getOverTls(publicAddressOf(host), SITES.web));
  return (await Promise.all(shown)).map(({ fingerprint }) => fingerprint).join();
}

/** Seconds until the addresses of an application's instances are as wanted. */
function untilAddresses(
  application: Application,
  wanted: (addresses: readonly string[]) => boolean,
): Promise<number> {
  return secondsUntil(addressOf("front-1"), `${application}.${domain}`, wanted);
}

function untilGone(application: Application, host: string): Promise<number> {
  return untilAddresses(application, (addresses) => !addresses.includes(addressOf(host)));
}

/** Seconds until an instance is gone from DNS, and until it is there again. */
async function absence(application: Application, host: string): Promise<{ gone: number; back: number }> {
  const gone = await untilGone(application, host);
  const absent = await untilAddresses(application, (addresses) => addresses.includes(addressOf(host)));
  return { gone, back: gone + absent };
}

async function goneAndBack(application: Application, host: string): Promise<string> {
  const { gone, back } = await absence(application, host);
  return `gone from DNS after ${gone.toFixed(2)} s, back after ${back.toFixed(1)} s`;
}

async function backInDns(): Promise<string> {
  const all = APPLICATIONS.map((name) =>
    untilAddresses(name, (addresses) => addresses.length === BACKENDS.length),
  );
  return `all in DNS again after ${Math.max(...(await Promise.all(all))).toFixed(1)} s`;
}

async function secondsUntilServed(frontend: string, application: Application): Promise<number> {
  const start = performance.now();
  while (!(await isServed(publicAddressOf(frontend), SITES[application]))) await sleep(20);
  return (performance.now() - start) / 1000;
}

async function lostAndServed(application: Application): Promise<string> {
  const gone = await untilAddresses(application, (addresses) => addresses.length === 0);
  const first = await untilAddresses(application, (addresses) => addresses.length > 0);
  const flow = await Promise.all(FRONTENDS.map((host) => secondsUntilServed(host, application)));
  const [announced, served] = [seconds(1000 * (gone + first)), seconds(1000 * Math.max(...flow))];
  return `first announced after ${announced}, served by both frontends ${served} later`;
}

const CRASHES = 5;

/** Killed again each time that it is back; what all of etcd's revisions say of its record is the proof. */
async function crashLoop(application: Application, host: string): Promise<string> {
  const keys = instanceKeys(application, host);
  const begin = await revisionOf(keys.etcd);
  const absences: { gone: number; back: number }[] = [];
  for (let time = 0; time < CRASHES; time += 1) {
    await tellEnd(keys);
    await killContainer(host, application);
    absences.push(await absence(application, host));
  }
  const gone = Math.max(...absences.map((each) => each.gone)).toFixed(2);
  const back = absences.map((each) => each.back.toFixed(1)).join(", ");
  const { withdrawn, early } = await absencesOf(keys, begin);
  const isRight = withdrawn === CRASHES && early === 0;
  const proof = `record withdrawn ${withdrawn} times, back before it listened ${early} times`;
  return `gone from DNS within ${gone} s, back after ${back} s, ${proof}${isRight ? "" : ", which is WRONG"}`;
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

async function lose(host: string): Promise<string> {
  await lab("kill", host);
  await Promise.all(APPLICATIONS.map((name) => untilGone(name, host)));
  const gone = Date.now();
  const death = await timeOfDeath(host);
  await sleep(3000);
  await lab("start", host);
  return `gone from DNS after ${seconds(gone - death)}; ${await backInDns()} from its start`;
}

/** Docker knows it to the millisecond; the command that kills takes its time. */
async function timeOfDeath(host: string): Promise<number> {
  const words = ["inspect", "--format={{.State.FinishedAt}}", `rundock-${LAB}-${host}`];
  return Date.parse((await execute("docker", words)).stdout.trim());
}

/** The loss of the member that leads costs an election, and then every lease has its whole time anew. */
async function letLead(host: string): Promise<void> {
  await eventually(`etcd on ${host} leads`, async () => {
    const members = await Promise.allSettled(BACKENDS.map(etcdStatus));
    const there = members.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
    const leader = there.find(({ member, leader }) => member === leader);
    const wanted = there.find((each) => each.host === host);
    if (leader === undefined || wanted === undefined) return false;
    if (leader === wanted) return true;
    await askEtcd(leader.host, "transfer-leadership", { targetID: wanted.member });
    return false;
  });
  // Until each lease has been renewed since.
  await sleep(3000);
}

interface EtcdStatus {
  readonly host: string;
  readonly member: string;
  readonly leader: string;
}

async function etcdStatus(host: string): Promise<EtcdStatus> {
  const { header, leader } = (await askEtcd(host, "status")) as {
    header: { member_id: string };
    leader: string;
  };
  return { host, member: header.member_id, leader };
}

async function askEtcd(host: string, what: string, body: object = {}): Promise<unknown> {
  const url = `${etcdUrl(host)}/v3/maintenance/${what}`;
  return (await fetch(url, { method: "POST", body: JSON.stringify(body) })).json();
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
  const load = new DnsLoad(ALL, `web.${domain}`);
  const timed = await happen();
  await sleep(3000);
  return `${timed}; ${await load.stop()}`;
}

const LATE = { LISTEN_AFTER: "2" };
const EXITS = ["sh", "-c", "exit 3"];
/** Two seconds after it listens. */
const DIES = ["sh", "-c", '/bin/serve & sleep "$LISTEN_AFTER"; sleep 2; exit 9'];
const HANGS = ["sleep", "600"];

const SECOND: Changes = { env: { VERSION: "2" } };
const EVENTS: Readonly<Record<string, Event>> = {
  update: {
    name: "rolling update of 3",
    happen: () => updateInTurn(SECOND),
  },
  "at-once": {
    name: "update of 3, all at once",
    happen: async () => {
      await update(both(SECOND));
      return updateInTurn({ env: { VERSION: "3" }, rollout: { canary: 0, maxParallel: 3 } }, SECOND);
    },
  },
  back: { name: "rolling update of 3, back to the first version", happen: () => update({}) },
  ten: {
    name: "from 3 instances of web to 10, a rolling update of them, one to listening after 2 s, and back to 3",
    happen: async () => {
      const steps: Variation[] = [
        { instances: 10 },
        { instances: 10, ...both({ env: { VERSION: "4" } }) },
        { instances: 10, web: { env: { VERSION: "5", ...LATE } }, slow: { env: { VERSION: "5" } } },
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
      const taken = await update(both({ announce: { weight: 50 } }));
      await stack.succeed("up");
      return taken;
    },
  },
  files: {
    name: "files of the applications changed: in the container, and of the ready gate alone",
    happen: async () => {
      const files = { "/etc/greeting": "hello\n" };
      const ready = { http: "/", timeout: 40 };
      const taken: string[] = [];
      for (const changes of [{ files }, { files, ready }, {}]) taken.push(await update(both(changes)));
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
    name: "certificate of the sites replaced, load over TLS",
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
    name: "kill -9 of one instance, of web and then of slow",
    happen: async () => {
      const taken: string[] = [];
      for (const application of APPLICATIONS) {
        await killContainer("back-2", application);
        taken.push(`${application}: ${await goneAndBack(application, "back-2")}`);
      }
      return taken.join("; ");
    },
  },
  backend: {
    name: "loss of a backend that does not lead etcd",
    happen: async () => {
      await letLead("back-1");
      return lose("back-3");
    },
  },
  leader: {
    name: "loss of the backend that leads etcd",
    happen: async () => {
      await letLead("back-3");
      return lose("back-3");
    },
  },
  frontend: {
    name: "loss of a frontend, as seen through the other",
    lost: "front-2",
    happen: async () => {
      await lab("kill", "front-2");
      const [server, lost] = FRONTENDS.map(publicAddressOf) as [string, string];
      const { gone, forgotten } = await secondsUntilForgotten(server, SITES.web, lost);
      await sleep(3000);
      await lab("start", "front-2");
      const back = await secondsUntil(server, SITES.web, (addresses) => addresses.includes(lost));
      return `public DNS without it after ${gone.toFixed(1)} s, kept answers after ${forgotten.toFixed(1)} s; with it ${back.toFixed(1)} s after its start`;
    },
    after: 10,
  },
  dockerd: {
    name: "restart of dockerd on a backend",
    happen: async () => {
      await onHost("back-2", "sh", "-c", "kill $(pidof dockerd)");
      return ofEach((application) => goneAndBack(application, "back-2"));
    },
  },
  "all-instances": {
    name: "all instances lost, then back",
    happen: async () => {
      const lost = BACKENDS.flatMap((host) => APPLICATIONS.map((name) => killContainer(host, name)));
      await Promise.all(lost);
      return `${await ofEach(lostAndServed)}; ${await backInDns()} more`;
    },
  },
  "crash-loop": {
    name: "crash loop of one instance of each",
    happen: async () => {
      const taken = await update({ telling: "back-2" });
      return `${taken}; ${await ofEach((application) => crashLoop(application, "back-2"))}`;
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

function wantedEvents(names: readonly string[]): readonly Event[] {
  return (names.length === 0 ? Object.keys(EVENTS) : names).map((name) => {
    const event = EVENTS[name];
    if (event === undefined) throw new Error(`no event ${name}: ${Object.keys(EVENTS).join(", ")}`);
    return event;
  });
}

/** One row of the table: the event, what became of the requests to each application, and what was timed. */
type Row = Readonly<Record<string, string | number>>;

async function measure({ name, happen, after = 5, lost, tls = false }: Event): Promise<Row> {
  const sites = TURNS.map((application) => SITES[application]);
  const load = new Load(FRONTENDS.map(publicAddressOf), sites, tls);
  await sleep(2000);
  const begin = load.now;
  const timed = await happen();
  await sleep(after * 1000);
  const { sent, failed: all, answers } = await load.stop();
  const failed = all.filter(({ frontend }) => lost === undefined || frontend !== publicAddressOf(lost));
  const total = [...sent.values()].reduce((sum, each) => sum + each, 0);
  console.log(`${name}: ${timed}; ${failed.length} of ${total} failed${reasons(failed, answers)}`);
  const outcomes = APPLICATIONS.map((application) => {
    const site = SITES[application];
    const ofSite = failed.filter((each) => each.site === site);
    return outcome(application, sent.get(site) ?? 0, ofSite, begin);
  });
  return Object.assign({ event: name }, ...outcomes, { timed });
}

/** @param begin when the event began, in the load's time */
function outcome(
  application: Application,
  requests: number,
  failed: readonly FailedRequest[],
  begin: number,
): Row {
  const count = (method: string) => failed.filter((each) => each.method === method).length;
  const last = failed.at(-1);
  return {
    [application]: requests,
    [`${application}: failed GET`]: count("GET"),
    [`${application}: failed POST`]: count("POST"),
    [`${application}: last failure`]: last ? seconds(last.at - begin) : "-",
  };
}

/** Why requests failed, and which versions answered last. */
function reasons(failed: readonly FailedRequest[], answers: LoadResult["answers"]): string {
  const whys = [...new Set(failed.map(({ site, method, why }) => `${site} ${method} ${why}`))].slice(0, 4);
  const versions = [...new Set(answers.slice(-50).map(({ body }) => body.slice(0, 5)))].join(", ");
  return `${whys.length > 0 ? ` (${whys.join("; ")})` : ""}; answers at the end: ${versions}`;
}

/** In the order of the command line, each as often as it is named there. */
const events = wantedEvents(process.argv.slice(2));
await stack.create();
declare({});
await stack.succeed("up");
// A frontend that started before the first instance was announced learns of it within a second or two.
await sleep(5000);
const rows: Row[] = [];
try {
  for (const event of events) rows.push(await measure(event));
} finally {
  console.table(rows);
  declare({});
  await stack.remove();
}
