import { SpecError } from "./spec-error.ts";

/** An image's name, taken apart by Docker's rules. */
export interface ImageReference {
  /** Everything before the tag, as it is written. */
  readonly name: string;
  /** The registry's name, with its port if it has one; `docker.io` when the name has none. */
  readonly registry: string;
  /** The path within the registry: of `nginx` it is `library/nginx`. */
  readonly repository: string;
  /** @default "latest" */
  readonly tag: string;
  /** Such as `sha256:4f…`; null when the reference may move. */
  readonly digest: string | null;
}

const COMPONENT = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*";
const LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?";
const REGISTRY = `(?:${LABEL}(?:\\.${LABEL})*|\\[[0-9a-fA-F:]+\\])(?::[0-9]+)?`;
const REFERENCE = new RegExp(
  `^(?<name>(?:(?<registry>${REGISTRY})/)?(?<path>${COMPONENT}(?:/${COMPONENT})*))` +
    "(?::(?<tag>\\w[\\w.-]{0,127}))?(?:@(?<digest>sha256:[0-9a-f]{64}))?$",
);

const DOCKER_HUB = "docker.io";

/** @throws SpecError when Docker would not take it. */
export function parseImageReference(text: string): ImageReference {
  const { name, registry, path, tag, digest } = REFERENCE.exec(text)?.groups ?? {};
  if (name === undefined || path === undefined || name.length > 255) {
    const message = `${JSON.stringify(text)} should be an image's name, such as registry.example.com:5000/web:1`;
    throw new SpecError([{ path: "image", message }]);
  }
  return { name, ...placeOf(registry, path), tag: tag ?? "latest", digest: digest ?? null };
}

/** Whether Docker would take it. */
export function isImageReference(text: string): boolean {
  const name = REFERENCE.exec(text)?.groups?.name;
  return name !== undefined && name.length <= 255;
}

/** The same image by its content, with the tag kept for the reader. */
export function withDigest({ name, tag }: ImageReference, digest: string): string {
  return `${name}:${tag}@${digest}`;
}

/** What stands before the first slash is a registry only when it looks like one; `acme/web` is on Docker Hub. */
function placeOf(first: string | undefined, path: string): { registry: string; repository: string } {
  if (first === undefined) return { registry: DOCKER_HUB, repository: onDockerHub(path) };
  if (!isRegistry(first)) return { registry: DOCKER_HUB, repository: `${first}/${path}` };
  if (first === DOCKER_HUB || first === `index.${DOCKER_HUB}`) {
    return { registry: DOCKER_HUB, repository: onDockerHub(path) };
  }
  return { registry: first, repository: path };
}

function isRegistry(first: string): boolean {
  return /[.:[A-Z]/.test(first) || first === "localhost";
}

/** Docker Hub keeps its official images under `library/`. */
function onDockerHub(path: string): string {
  return path.includes("/") ? path : `library/${path}`;
}
