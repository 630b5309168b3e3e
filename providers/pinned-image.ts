import * as pulumi from "@pulumi/pulumi";
import type { Host } from "./host.ts";
import { credentialsFrom } from "./remote/credentials.ts";
import { ConnectError, RemoteError } from "./remote/errors.ts";
import { resolveDigest } from "./remote/registry-client.ts";
import type { Login } from "./remote/registry-login.ts";
import { type ImageReference, parseImageReference, withDigest } from "./spec/image-reference.ts";
import { SpecError } from "./spec/spec-error.ts";

const DEADLINE_SECONDS = 10;

/** How {@link pinnedImage} asks the registry. */
export interface PinnedImageOptions {
  /** For a private image. The password may be a secret; the result is none. @default nobody */
  readonly login?: { readonly username: pulumi.Input<string>; readonly password: pulumi.Input<string> };
  /** Ask over plain HTTP, as Docker does with its `insecure-registries`. @default only on the loopback address */
  readonly insecure?: boolean;
  /** Ask from this host, over SSH: for a registry that only your hosts reach. @default from this machine */
  readonly via?: Host;
}

/**
 * The image with the digest that its tag has now, such as `registry.example.com:5000/web:1@sha256:4f…`. The registry is
 * asked in a preview, too, so a tag that has moved is a line of it; and a host that starts the image anew gets the same.
 * What has a digest already is given back as it is.
 *
 * @throws when the registry does not know the image, does not let it be read or does not answer within 10 s; the error
 * names the image and why.
 */
export function pinnedImage(
  reference: pulumi.Input<string>,
  options: PinnedImageOptions = {},
): pulumi.Output<string> {
  return pulumi.output(reference).apply((text) =>
    // A digest tells nothing of the login that it took to read it.
    pulumi.unsecret(pulumi.output(options.login).apply((login) => pinOnce(text, login ?? null, options))),
  );
}

const pinned = new Map<string, Promise<string>>();

/** The same question is asked once in a run, so that all who ask get the same answer. */
function pinOnce(text: string, login: Login | null, options: PinnedImageOptions): Promise<string> {
  const { insecure = false, via } = options;
  const key = JSON.stringify([text, login, insecure, via?.connection]);
  const known = pinned.get(key);
  if (known) return known;
  const answer = pin(text, { login, insecure, via }).catch(explain);
  pinned.set(key, answer);
  return answer;
}

interface Question {
  readonly login: Login | null;
  readonly insecure: boolean;
  readonly via: Host | undefined;
}

async function pin(text: string, question: Question): Promise<string> {
  const image = parseImageReference(text);
  return image.digest === null ? withDigest(image, await askDigest(image, question)) : text;
}

async function askDigest(image: ImageReference, { login, insecure, via }: Question): Promise<string> {
  const access = { login, insecure };
  const route = { deadlineSeconds: DEADLINE_SECONDS };
  if (via === undefined) return resolveDigest(image.registry, image, { ...access, route });
  // ssh2 takes a moment to load, which only those who need it wait for.
  const { withRouteVia } = await import("./remote/registry-route.ts");
  return withRouteVia(via.connection, credentialsFrom(pulumi.runtime.getConfig), (openSocket) =>
    resolveDigest(`${via.facts.name}: ${image.registry}`, image, {
      ...access,
      route: { ...route, openSocket },
    }),
  );
}

/** Pulumi shows a RunError as it is, and any other error with its stack. */
function explain(error: Error): never {
  const isForPeople = [SpecError, RemoteError, ConnectError].some((kind) => error instanceof kind);
  throw isForPeople ? new pulumi.RunError(error.message) : error;
}
