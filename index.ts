/** One environment, or a tier of one, from its stack's configuration: machines, then what is deployed on them. */
import { readConfiguration } from "./stacks/configuration.ts";
import { deploy, sitesOf } from "./stacks/deploy.ts";
import { environmentOutput } from "./stacks/environment-output.ts";
import { findEnvironment } from "./stacks/find-environment.ts";
import { endpoints as endpointsOf, servicesTable } from "./stacks/outputs.ts";

const configuration = readConfiguration();
const found = await findEnvironment(configuration);
const compositions = deploy(configuration, found);

export const services = servicesTable(compositions);
export const endpoints = configuration.deploy.includes("nginx")
  ? endpointsOf(found, sitesOf(configuration, found))
  : {};
export const environment = environmentOutput(found, configuration.deploy);
