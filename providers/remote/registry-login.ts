import { RegistryFailure } from "./registry-failure.ts";
import { askRegistry, type RegistryAnswer, type Route } from "./registry-http.ts";

export interface Login {
  readonly username: string;
  readonly password: string;
}

export interface Challenged {
  /** What the registry was asked. */
  readonly url: URL;
  /** Its `WWW-Authenticate` header. */
  readonly challenge: string | undefined;
  /** What is wanted, such as `repository:library/nginx:pull`. */
  readonly scope: string;
  readonly login: Login | null;
}

/**
 * The `Authorization` header that a registry asks for: a token of its token service, which gives one to anybody for a
 * public image, or the login itself.
 *
 * @throws RegistryFailure when it wants a login and there is none, or refuses the one there is.
 */
export async function answerChallenge(challenged: Challenged, route: Route): Promise<string> {
  const challenges = parseChallenges(challenged.challenge ?? "");
  const bearer = challenges.get("bearer");
  if (bearer?.realm !== undefined) return `Bearer ${await fetchToken(challenged, bearer, route)}`;
  if (!challenges.has("basic")) throw new RegistryFailure("it asks for a login in no way that is known here");
  if (challenged.login === null) throw refused(null);
  return basic(challenged.login);
}

/** Nobody may pull without a login, or this one may not. */
export function refused(login: Login | null): RegistryFailure {
  if (login === null) {
    const advice =
      "Give `login`. Some registries answer the same for a name that does not exist: check that too";
    return new RegistryFailure("it wants a login", advice);
  }
  const advice =
    "Check `login` and that it may pull the image; and the image's name, for which it may say the same";
  return new RegistryFailure(`it refuses the login of ${JSON.stringify(login.username)}`, advice);
}

type Parameters = Readonly<Record<string, string>>;

/** Scheme in lower case -> its parameters. A header may hold several challenges. */
function parseChallenges(header: string): Map<string, Parameters> {
  const challenges = header.matchAll(/(?:^|,)\s*(bearer|basic)\b((?:[\s,]*\w+=(?:"[^"]*"|[^\s",]+))*)/gi);
  return new Map(
    [...challenges].map(([, scheme = "", text = ""]) => [scheme.toLowerCase(), parametersOf(text)]),
  );
}

function parametersOf(text: string): Parameters {
  const pairs = text.matchAll(/(\w+)=(?:"([^"]*)"|([^\s",]+))/g);
  return Object.fromEntries(
    [...pairs].map(([, name = "", quoted, bare]) => [name.toLowerCase(), quoted ?? bare ?? ""]),
  );
}

async function fetchToken(challenged: Challenged, parameters: Parameters, route: Route): Promise<string> {
  const { login } = challenged;
  const headers = login === null ? {} : { authorization: basic(login) };
  const answer = await askRegistry({ method: "GET", url: tokenUrl(challenged, parameters), headers }, route);
  if (answer.status === 401 || answer.status === 403) throw refused(login);
  const token = answer.status === 200 ? tokenIn(answer) : undefined;
  if (token === undefined)
    throw new RegistryFailure(`its token service answers ${answer.status} without a token`);
  return token;
}

function tokenUrl({ url, scope }: Challenged, parameters: Parameters): URL {
  const { realm = "", service } = parameters;
  if (!URL.canParse(realm)) throw new RegistryFailure("it names a token service that is not a URL");
  const target = new URL(realm);
  if (target.protocol !== "https:" && target.protocol !== url.protocol) {
    throw new RegistryFailure(`its token service ${target.origin} is not encrypted`);
  }
  if (service !== undefined) target.searchParams.set("service", service);
  target.searchParams.set("scope", parameters.scope ?? scope);
  return target;
}

function tokenIn({ body }: RegistryAnswer): string | undefined {
  try {
    const { token, access_token } = JSON.parse(body.toString("utf8")) as Record<string, unknown>;
    return [token, access_token].find(
      (each): each is string => typeof each === "string" && /^[!-~]+$/.test(each),
    );
  } catch {
    return undefined;
  }
}

function basic({ username, password }: Login): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
}
