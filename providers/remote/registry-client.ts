import { createHash } from "node:crypto";
import type { ImageReference } from "../spec/image-reference.ts";
import { RemoteError } from "./errors.ts";
import { RegistryFailure } from "./registry-failure.ts";
import { askRegistry, type RegistryAnswer, type Route } from "./registry-http.ts";
import { answerChallenge, type Login, refused } from "./registry-login.ts";

/** Whom to ask and how. */
export interface RegistryAccess {
  readonly login: Login | null;
  /** Ask over plain HTTP; a registry on the loopback address is always asked so. */
  readonly insecure: boolean;
  readonly route: Route;
}

/** An index of images for several platforms, or the image of one; what `docker pull` asks for. */
const MANIFESTS = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
].join(", ");

const DIGEST = /^sha256:[0-9a-f]{64}$/;

/**
 * The digest that the image's tag has now.
 *
 * @param subject who asks whom, for errors
 * @throws RemoteError that names the image and why.
 */
export async function resolveDigest(
  subject: string,
  image: ImageReference,
  access: RegistryAccess,
): Promise<string> {
  try {
    return await new Manifest(image, access).digest();
  } catch (error) {
    if (!(error instanceof RegistryFailure)) throw error;
    const { message: cause, advice } = error;
    const object = `image ${image.name}:${image.tag}`;
    throw new RemoteError(subject, { verb: "resolve", object, cause, ...(advice ? { advice } : {}) });
  }
}

/** The manifest of one tag; keeps the registry's token for its further requests. */
class Manifest {
  readonly #image: ImageReference;
  readonly #access: RegistryAccess;
  #authorization: string | undefined;

  constructor(image: ImageReference, access: RegistryAccess) {
    this.#image = image;
    this.#access = access;
  }

  /** Asks for the headers first: Docker Hub counts a manifest that is read as a pull. */
  async digest(): Promise<string> {
    const head = await this.#ask("HEAD");
    const named = head.headers["docker-content-digest"];
    if (head.status === 200 && typeof named === "string" && DIGEST.test(named)) return named;
    return this.#digestOfBody(await this.#ask("GET"));
  }

  #digestOfBody(answer: RegistryAnswer): string {
    if (answer.status !== 200) throw this.#notGiven(answer);
    const digest = `sha256:${createHash("sha256").update(answer.body).digest("hex")}`;
    const named = answer.headers["docker-content-digest"];
    if (named === undefined || named === digest) return digest;
    throw new RegistryFailure(
      "it sends a manifest of another digest than it says",
      "Something between here and the registry changes what it sends",
    );
  }

  async #ask(method: "GET" | "HEAD"): Promise<RegistryAnswer> {
    const answer = await this.#askOnce(method);
    if (answer.status !== 401) return answer;
    this.#authorization = await answerChallenge(
      {
        url: this.#url,
        challenge: answer.headers["www-authenticate"],
        scope: `repository:${this.#image.repository}:pull`,
        login: this.#access.login,
      },
      this.#access.route,
    );
    const second = await this.#askOnce(method);
    if (second.status === 401) throw refused(this.#access.login);
    return second;
  }

  #askOnce(method: "GET" | "HEAD"): Promise<RegistryAnswer> {
    const authorization = this.#authorization === undefined ? {} : { authorization: this.#authorization };
    const request = { method, url: this.#url, headers: { accept: MANIFESTS, ...authorization } };
    return askRegistry(request, this.#access.route);
  }

  get #url(): URL {
    const { registry, repository, tag } = this.#image;
    const isPlain = this.#access.insecure || isLoopback(registry);
    const server = registry === "docker.io" ? "registry-1.docker.io" : registry;
    return new URL(`${isPlain ? "http" : "https"}://${server}/v2/${repository}/manifests/${tag}`);
  }

  #notGiven({ status, body }: RegistryAnswer): RegistryFailure {
    const { registry, repository, tag } = this.#image;
    if (status === 403) return refused(this.#access.login);
    if (status === 429)
      return new RegistryFailure("it has been asked too often", "Wait a while, or give `login`");
    if (status !== 404) return new RegistryFailure(`it answers with status ${status}`, "Look into its log");
    const what =
      errorCode(body) === "NAME_UNKNOWN" ? `repository ${repository}` : `tag ${tag} of ${repository}`;
    return new RegistryFailure(
      `${registry} has no ${what}`,
      "Check the spelling, and that it has been pushed",
    );
  }
}

/** Docker, too, asks these without TLS. */
function isLoopback(registry: string): boolean {
  return /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/.test(registry);
}

/** The first error's code; its message is the server's own text, which is not to be trusted. */
function errorCode(body: Buffer): string | undefined {
  try {
    return (JSON.parse(body.toString("utf8")) as { errors: { code: string }[] }).errors[0]?.code;
  } catch {
    return undefined;
  }
}
