import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import type * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { AttemptError } from "./remote/attempt-error.ts";
import { bootstrapCommand } from "./remote/bootstrap-command.ts";
import { credentialsFrom } from "./remote/credentials.ts";
import { ConnectError } from "./remote/errors.ts";
import { type Login, loginWith } from "./remote/login.ts";
import { type BootstrapArgs, bootstrapFailures } from "./spec/bootstrap.ts";
import { type Connection, describeConnection } from "./spec/connection.ts";
import { SpecError } from "./spec/spec-error.ts";

/** It tries again whatever went wrong, a refused login included, which sshd takes ill. */
const RETRIES = 3;

/**
 * The command that makes the machine ready, which the host and all that is on it wait for; none when it is off.
 *
 * @throws RunError that lists, with its path, everything that stands in the way. Nothing is registered then.
 */
export function bootstrapMachine(
  connection: Connection,
  bootstrap: boolean | BootstrapArgs | undefined,
  { parent, dependsOn }: pulumi.CustomResourceOptions = {},
): pulumi.Resource[] {
  const failures = bootstrapFailures(bootstrap, connection);
  if (failures.length > 0)
    throw new pulumi.RunError(`${connection.name}: ${new SpecError(failures).message}`);
  if (!bootstrap) return [];
  const opts = { ...(parent && { parent }), ...(dependsOn && { dependsOn }) };
  return explained(connection, () => [makeCommand(connection, bootstrap === true ? {} : bootstrap, opts)]);
}

function makeCommand(
  connection: Connection,
  settings: BootstrapArgs,
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource {
  const { Command } = loadCommandPackage().remote;
  const args = {
    ...bootstrapCommand(connection.user, settings),
    connection: connectionArgs(connection, loginOfStack()),
    // sshd takes variables from nobody, and the command would warn of it each time.
    addPreviousOutputInEnv: false,
  };
  return new Command(`${connection.name}-bootstrap`, args, opts);
}

/** Pulumi shows a RunError as it is, and any other error with its stack. */
function explained<T>(connection: Connection, make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof AttemptError)) throw error;
    throw new pulumi.RunError(new ConnectError(describeConnection(connection), error.failure).message);
  }
}

/** Most programs bootstrap nothing. They need not have the package, for which Pulumi would download a plugin. */
function loadCommandPackage(): typeof command {
  try {
    return createRequire(import.meta.url)("@pulumi/command");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "MODULE_NOT_FOUND") throw error;
    throw new AttemptError({
      step: "bootstrap",
      cause: "the package @pulumi/command is not installed",
      advice: ["npm install --save-exact @pulumi/command@1.2.1"],
    });
  }
}

function loginOfStack(): Login {
  const login = loginWith(credentialsFrom(pulumi.runtime.getConfig));
  requireNoDeadAgent(login);
  return login;
}

/** With a key in hand, the command asks the agent all the same, and fails when there is none. */
function requireNoDeadAgent(login: Login): void {
  const socket = process.env.SSH_AUTH_SOCK;
  if ("agent" in login || !socket || existsSync(socket)) return;
  throw new AttemptError({
    step: "bootstrap",
    cause: `SSH_AUTH_SOCK names ${socket}, which is not there`,
    advice: ["Unset SSH_AUTH_SOCK, or start the agent anew"],
  });
}

/** An agent's socket stays out: it has another name in each session, and the command finds it by itself. */
function connectionArgs(connection: Connection, login: Login): command.types.input.remote.ConnectionArgs {
  const { jump } = connection;
  return { ...hop(connection, login), ...(jump === undefined ? {} : { proxy: hop(jump, login) }) };
}

function hop({ address, port, user, hostKey }: Connection, login: Login) {
  const privateKey = "agent" in login ? {} : { privateKey: pulumi.secret(login.privateKey) };
  const passphrase =
    "agent" in login || login.passphrase === undefined
      ? {}
      : { privateKeyPassword: pulumi.secret(login.passphrase) };
  const pinned = hostKey === undefined ? {} : { hostKey };
  return { host: address, port, user, ...pinned, ...privateKey, ...passphrase, dialErrorLimit: RETRIES };
}
