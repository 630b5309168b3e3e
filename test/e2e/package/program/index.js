// A stranger's JavaScript program; `rundock` is the installed package.
import * as pulumi from "@pulumi/pulumi";
import { Host, RundockService } from "rundock";

const config = new pulumi.Config();
const jump = new Host("front-1", config.requireObject("jump"));
const host = new Host("back-1", { ...config.requireObject("host"), jump });

const service = new RundockService("stranger", {
  host,
  image: config.require("image"),
  env: { GREETING: "hello", TOKEN: pulumi.secret("hush") },
  ready: { running: true },
});

export const address = service.address;
