export { Host, type HostArgs } from "./host.ts";
export { RundockService, type RundockServiceArgs } from "./service.ts";
