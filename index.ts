/** One environment, or a tier of one, from its stack's configuration: machines, then what is deployed on them. */
import { readConfiguration } from "./stacks/configuration.ts";
import { deploy, sitesOf } from "./stacks/deploy.ts";
import { environmentOutput } from "./stacks/environment-output.ts";
import { findEnvironment } from "./stacks/find-environment.ts";
import {
  endpoints as endpointsOf,
  servicesTable,
  sitesInMaintenance as sitesInMaintenanceOf,
} from "./stacks/outputs.ts";

const configuration = readConfiguration();
const found = await findEnvironment(configuration);
const compositions = deploy(configuration, found);

export const services = servicesTable(compositions);
const sites = configuration.deploy.includes("nginx") ? sitesOf(configuration, found) : [];
export const endpoints = endpointsOf(found, sites);
export const sitesInMaintenance = sitesInMaintenanceOf(sites);
export const environment = environmentOutput(found, configuration.deploy);
