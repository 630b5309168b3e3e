export { Fleet, type FleetArgs } from "./fleet.ts";
export { Host, type HostArgs, type HostReference, type RegistryLogin } from "./host.ts";
export { ImageArchive, type ImageArchiveArgs } from "./image-archive.ts";
export { type PinnedImageOptions, pinnedImage } from "./pinned-image.ts";
export { RundockService, type RundockServiceArgs } from "./service.ts";
export type { BootstrapArgs } from "./spec/bootstrap.ts";
