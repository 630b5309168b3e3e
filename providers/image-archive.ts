import type * as pulumi from "@pulumi/pulumi";
import { DynamicResource } from "./dynamic-resource.ts";
import type { Host } from "./host.ts";

/** Arguments of an {@link ImageArchive}. */
export interface ImageArchiveArgs {
  /** The machine that gets the image. */
  readonly host: Host;
  /**
   * A file on the machine that runs Pulumi, made by `docker save NAME:TAG`, plain or through gzip. A relative path begins
   * in the program's directory.
   */
  readonly path: pulumi.Input<string>;
}

/**
 * An image that a host gets over SSH and not from a registry. What tells one image from another is its content, which a
 * preview reads from the archive: an archive that is made anew of the same image changes nothing.
 *
 * @throws in a preview when the file is no archive of one named image; in an `up` when the host cannot be reached or Docker
 * does not take it.
 */
export class ImageArchive extends DynamicResource {
  /** The name of the host that has it. */
  declare readonly host: pulumi.Output<string>;
  /** What services name as their image: the image's name on the host, which tells the content. No registry has it. */
  declare readonly image: pulumi.Output<string>;
  /** The name that the image has in the archive, such as `web:1`. */
  declare readonly reference: pulumi.Output<string>;

  constructor(name: string, { host, path }: ImageArchiveArgs, opts: pulumi.CustomResourceOptions = {}) {
    const props = {
      host: host.facts.name,
      connection: host.connection,
      path,
      image: undefined,
      reference: undefined,
    };
    const others = opts.dependsOn === undefined ? [] : [opts.dependsOn].flat();
    const dependsOn = [host, ...(others as pulumi.Resource[])];
    super("ImageArchive", name, props, { ...opts, dependsOn });
  }
}
