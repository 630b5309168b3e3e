/** One environment from its stack's configuration: machines, then what is deployed on them. */
import { readConfiguration } from "./stacks/configuration.ts";
import { deploy, sites } from "./stacks/deploy.ts";
import { createEnvironment } from "./stacks/environment.ts";
import { endpoints as endpointsOf, servicesTable } from "./stacks/outputs.ts";

const configuration = readConfiguration();
const environment = createEnvironment(configuration.domain, configuration.hosts);
const compositions = deploy(configuration, environment);

export const services = servicesTable(compositions);
export const endpoints = endpointsOf(environment, sites(configuration.domain));
