import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type LabHost, labConfiguration, ROOT } from "./lab-environment.ts";
import { PulumiStack } from "./pulumi-stack.ts";

/** Resource name -> arguments of a RundockService; `host` by name. */
export type Services = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** Name -> arguments of a Fleet; `hosts` by name, and `perHost` a host's name -> arguments. */
export type Fleets = Services;

/** Where a stack's own etcd runs, when it declares {@link etcdService}. */
export const ETCD_HOST = "back-1";

/** A stack of the program in `program/`: some services on some hosts of the test lab. */
export class ServicesStack extends PulumiStack {
  readonly #hosts: readonly string[];
  readonly #etcdHosts: readonly string[];
  /** Pulumi hands configuration to the program in its environment, where a long one has no room. */
  readonly #folder = mkdtempSync(join(tmpdir(), "rundock-services-"));

  constructor(hosts: readonly string[], etcdHosts: readonly string[] = [ETCD_HOST]) {
    super(`${ROOT}/test/e2e/program`);
    this.#hosts = hosts;
    this.#etcdHosts = etcdHosts;
  }

  /** What the next command is to find declared; `hostArguments` is a host's name -> what it has besides. */
  declare(services: Services, fleets: Fleets = {}, hostArguments: Services = {}): void {
    const file = join(this.#folder, "declared.json");
    const hosts = declaredHosts(this.#hosts, this.#etcdHosts).map((host) => ({
      ...host,
      ...hostArguments[host.name],
    }));
    writeFileSync(file, JSON.stringify({ hosts, services, fleets }));
    this.configure({ "rundock:sshKey": labConfiguration().config["rundock:sshKey"], "e2e:file": file });
  }

  override async remove(): Promise<void> {
    await super.remove();
    rmSync(this.#folder, { recursive: true });
  }
}

type DeclaredHost = { readonly name: string } & Readonly<Record<string, unknown>>;

/** Their jump hosts come first, since the program makes them in order. */
function declaredHosts(names: readonly string[], etcdHosts: readonly string[]): DeclaredHost[] {
  const { config } = labConfiguration();
  const all = config["rundock:hosts"];
  const wanted = all.filter(({ name }) => names.includes(name));
  const isJump = ({ name }: LabHost) => wanted.some(({ jump }) => jump === name);
  const jumps = all.filter((host) => isJump(host) && !wanted.includes(host));
  const etcd = etcdHosts.map(etcdUrl);
  return [...jumps, ...wanted].map(({ roles: _, ...host }) => ({
    ...host,
    domain: config["rundock:domain"],
    etcd,
  }));
}

function etcdUrl(name: string): string {
  return `http://${labHost(name).privateAddress}:2379`;
}

export function labHost(name: string): LabHost {
  return labConfiguration().config["rundock:hosts"].find((host) => host.name === name) as LabHost;
}

/** A single etcd member on {@link ETCD_HOST}, for stacks whose services are announced. */
export function etcdService(): Services {
  const url = etcdUrl(ETCD_HOST);
  return {
    etcd: {
      host: ETCD_HOST,
      image: labImage("etcd"),
      network: "host",
      command: ["etcd", `--listen-client-urls=${url}`, `--advertise-client-urls=${url}`],
      ready: { http: "/health", port: 2379 },
    },
  };
}

/** The lab registry's reference for an image. */
export function labImage(name: string): string {
  const image = (labConfiguration().config["rundock:images"] as Record<string, string>)[name];
  if (image === undefined) throw new Error(`the lab has no image ${name}`);
  return image;
}
