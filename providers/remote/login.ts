import { readFileSync } from "node:fs";
import { AttemptError } from "./attempt-error.ts";
import type { Credentials } from "./credentials.ts";
import { homePath } from "./home-path.ts";

/** With what the client proves who it is, and where that came from, in words. */
export type Login =
  | { readonly from: string; readonly privateKey: string; readonly passphrase?: string }
  | { readonly from: string; readonly agent: string };

/** @throws AttemptError that says what to set, when there is nothing to log in with. */
export function loginWith(credentials: Credentials): Login {
  const { privateKey, privateKeyFile, passphrase, agent } = credentials;
  if (privateKey !== undefined) return keyLogin("the key in rundock:sshKey", privateKey, passphrase);
  if (privateKeyFile !== undefined) {
    const path = homePath(privateKeyFile);
    return keyLogin(`the key in ${path}`, readKey(path), passphrase);
  }
  if (agent !== undefined) return { from: `the SSH agent at ${agent}`, agent };
  throw new AttemptError({
    cause: "there is no key to log in with",
    advice: [
      "Set one: pulumi config set --secret rundock:sshKey < ~/.ssh/id_ed25519",
      "or name its file in rundock:sshKeyFile, or start an SSH agent, which SSH_AUTH_SOCK then tells",
    ],
  });
}

function readKey(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new AttemptError(
      {
        cause: `the key cannot be read: ${(error as Error).message}`,
        advice: [`rundock:sshKeyFile names ${path}: correct it, or set rundock:sshKey to the key itself`],
      },
      { cause: error },
    );
  }
}

function keyLogin(from: string, privateKey: string, passphrase: string | undefined): Login {
  if (!isEncrypted(privateKey)) return { from, privateKey };
  if (passphrase !== undefined) return { from, privateKey, passphrase };
  throw new AttemptError({
    cause: `${from} is encrypted, and there is no passphrase`,
    advice: ["Set it: pulumi config set --secret rundock:sshKeyPassphrase"],
  });
}

/** OpenSSH's own format names the cipher in its head, the older ones in their text. */
function isEncrypted(privateKey: string): boolean {
  const [, base64] = /-----BEGIN OPENSSH PRIVATE KEY-----([^-]+)/.exec(privateKey) ?? [];
  if (base64 === undefined) return /ENCRYPTED|^Encryption: (?!none)/m.test(privateKey);
  const head = "openssh-key-v1\0".length + 4;
  return (
    Buffer.from(base64, "base64")
      .subarray(head, head + 4)
      .toString("latin1") !== "none"
  );
}

/** Why the key itself is no good. */
export function unreadableKey(login: Login, error: Error): AttemptError {
  const why = error.message.replace("Cannot parse privateKey: ", "");
  const hasPassphrase = "passphrase" in login;
  const cause = hasPassphrase
    ? `rundock:sshKeyPassphrase does not open ${login.from} (${why})`
    : `${login.from} cannot be understood (${why})`;
  const advice = hasPassphrase
    ? ["Set the right one: pulumi config set --secret rundock:sshKeyPassphrase"]
    : [
        "It should be a private key as ssh-keygen makes it; ssh-keygen -p -f FILE rewrites one of another format",
      ];
  return new AttemptError({ cause, advice }, { cause: error });
}

/** Why the server does not let the login in. */
export function refusedLogin(login: Login, user: string, error: Error): AttemptError {
  const what = "agent" in login ? `any key of ${login.from}` : login.from;
  return new AttemptError(
    {
      step: "log in",
      cause: `it does not take ${what} for the user ${user}`,
      advice: [
        `Put the public key into the file .ssh/authorized_keys of ${user} on the host, or set another key`,
        ...("agent" in login ? ["`ssh-add -l` lists the agent's keys"] : []),
      ],
    },
    { cause: error },
  );
}

/** Why the agent was of no use. */
export function failedAgent(login: Login, error: Error): AttemptError {
  return new AttemptError(
    {
      cause: `${login.from} does not answer (${error.message})`,
      advice: ["Start it anew, or do without: pulumi config set --secret rundock:sshKey < ~/.ssh/id_ed25519"],
    },
    { cause: error },
  );
}
