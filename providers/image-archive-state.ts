import type { Connection } from "./spec/connection.ts";

/** What Pulumi keeps of an image that was loaded from an archive: the checked inputs, which are also the outputs. */
export interface ImageArchiveState {
  readonly host: string;
  readonly connection: Connection;
  /** Where the archive is on the machine that runs Pulumi. */
  readonly path: string;
  /** The name that the image has in the archive. */
  readonly reference: string;
  /** The name under which it is on the host; it tells the content, so another image has another name. */
  readonly image: string;
  /** What Docker may call the image: the digest of its configuration or, in containerd's image store, of its manifest. */
  readonly ids: readonly string[];
}
