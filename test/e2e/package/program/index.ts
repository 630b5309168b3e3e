// A stranger's TypeScript program; `rundock` is the installed package.
import * as pulumi from "@pulumi/pulumi";
import { Host, type HostArgs, RundockService, type RundockServiceArgs } from "rundock";

const config = new pulumi.Config();
const jump = new Host("front-1", config.requireObject<HostArgs>("jump"));
const host = new Host("back-1", { ...config.requireObject<HostArgs>("host"), jump });

const args: RundockServiceArgs = {
  host,
  image: config.require("image"),
  env: { GREETING: "hello", TOKEN: pulumi.secret("hush") },
  ready: { running: true },
};

export const address: pulumi.Output<string> = new RundockService("stranger", args).address;
