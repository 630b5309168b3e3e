// Stands in for the plugin of @pulumi/command, which is not to be had here: a resource `remote.Command` as that plugin treats
// it, as far as bootstrap uses it. Run by Pulumi, with the address of its engine.
import { randomUUID } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import * as pulumi from "@pulumi/pulumi";
import * as provider from "@pulumi/pulumi/provider/index.js";
import { resetOptions } from "@pulumi/pulumi/runtime/settings.js";
import { runOnChannel } from "../../../providers/remote/command-channel.ts";
import { Pool } from "../../../providers/remote/pool.ts";

interface Connection {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly hostKey: string;
  readonly privateKey: string;
}

interface Inputs {
  readonly connection: Connection;
  readonly create: string;
  readonly stdin: string;
}

const [engine = ""] = process.argv.slice(2);
resetOptions("", "", 1, engine, "", false, "");

await provider.main(
  {
    version: "1.2.1",
    /** Whatever changes, the command runs again. */
    async diff(_id, _urn, { stdout: _, ...olds }: Inputs & { stdout: string }, news: Inputs) {
      return { changes: !isDeepStrictEqual(olds, news) };
    },
    async create(urn, inputs: Inputs) {
      return { id: randomUUID(), outs: await outputsOf(urn, inputs) };
    },
    async update(_id, urn, _olds, inputs: Inputs) {
      return { outs: await outputsOf(urn, inputs) };
    },
    async delete() {},
  },
  process.argv.slice(2),
);

async function outputsOf(urn: string, inputs: Inputs): Promise<object> {
  const stdout = await runOver(inputs);
  await pulumi.log.info(stdout, { urn: pulumi.output(urn) } as pulumi.Resource);
  return { ...inputs, stdout };
}

/** @returns what the command prints. @throws with it when the command fails. */
async function runOver({ connection, create, stdin }: Inputs): Promise<string> {
  const { host, port, user, hostKey, privateKey } = plain(connection);
  const pool = new Pool({ privateKey: plain(privateKey) });
  const { ssh } = await pool.session({ name: host, address: host, port, user, hostKey });
  const command = { words: [], stdin: Buffer.from(stdin), deadlineSeconds: 400 };
  const result = await runOnChannel(ssh, create, command);
  await pool.close();
  if (!("code" in result)) throw new Error(result.cause);
  const output = `${result.stdout}${result.stderr}`;
  if (result.code !== 0) throw new Error(`ended with ${result.code}: running "${create}":\n${output}`);
  return output;
}

/** The engine marks what is secret, and finds it marked in what comes back. */
function plain<T>(value: T): T {
  const { isRpcSecret, unwrapRpcSecret } = pulumi.runtime;
  return isRpcSecret(value) ? unwrapRpcSecret(value) : value;
}
