import * as pulumi from "@pulumi/pulumi";
import {
  Host,
  type HostArgs,
  ImageArchive,
  type PinnedImageOptions,
  pinnedImage,
  RundockService,
} from "rundock";
import type { Connection } from "../../../providers/spec/connection.ts";

/** Passwords are in base64, so that a test which finds one in plain text has found a leak and not its configuration. */
interface Declared {
  readonly host: Omit<HostArgs, "registries" | "jump"> & { readonly name: string };
  /** How the host is reached; the jump host is no resource here, since other stacks of the lab have it as theirs. */
  readonly jump?: Connection;
  readonly logins?: readonly { server: string; username: string; password: string }[];
  /** Name -> a reference to pin. */
  readonly pinned?: Readonly<Record<string, DeclaredPin>>;
  /** Name -> path of an archive. */
  readonly archives?: Readonly<Record<string, string>>;
  /** Name -> arguments; an image `pinned/NAME` or `archive/NAME` is one of the above. */
  readonly services?: Readonly<Record<string, { readonly image: string }>>;
}

interface DeclaredPin {
  readonly image: string;
  readonly insecure?: boolean;
  readonly viaHost?: boolean;
  readonly login?: { readonly username: string; readonly password: string };
}

const declared = new pulumi.Config("e2e").requireObject<Declared>("declared");
const { name: hostName, ...hostArgs } = declared.host;
const registries = declared.logins?.map((login) => ({ ...login, password: secretOf(login.password) }));
const host = new Host(hostName, {
  ...hostArgs,
  ...(declared.jump ? { jump: { connection: declared.jump } as Host } : {}),
  ...(registries ? { registries } : {}),
});

export const pinned = mapOf(declared.pinned, (_, { image, insecure = false, viaHost, login }) => {
  const options: PinnedImageOptions = {
    insecure,
    ...(viaHost ? { via: host } : {}),
    ...(login ? { login: { ...login, password: secretOf(login.password) } } : {}),
  };
  return pinnedImage(image, options);
});

const archives = mapOf(declared.archives, (name, path) => new ImageArchive(name, { host, path }));
for (const [name, args] of Object.entries(declared.services ?? {})) {
  new RundockService(name, { ...args, host, image: imageOf(args.image) });
}

function imageOf(image: string): pulumi.Input<string> {
  const [kind, name = ""] = image.split("/");
  if (kind === "pinned") return pinned[name] ?? "";
  return kind === "archive" ? (archives[name]?.image ?? "") : image;
}

function mapOf<T, R>(values: Readonly<Record<string, T>> = {}, each: (name: string, value: T) => R) {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, each(name, value)]));
}

function secretOf(encoded: string): pulumi.Output<string> {
  return pulumi.secret(Buffer.from(encoded, "base64").toString());
}
