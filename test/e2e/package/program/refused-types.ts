// Never run. The compiler must refuse each of these: a type that is lost on the way into the package is an `any`, and
// an `any` would let it pass.
import type * as pulumi from "@pulumi/pulumi";
import { Host, RundockService } from "rundock";

declare const host: Host;
const service = new RundockService("right", { host, image: "web:1" });

// @ts-expect-error an image is a text
new RundockService("wrong", { host, image: 1 });
// @ts-expect-error the image is missing
new RundockService("wrong", { host });
// @ts-expect-error there is no such argument
new RundockService("wrong", { host, image: "web:1", imagen: "web:1" });
// @ts-expect-error there is no such probe
new RundockService("wrong", { host, image: "web:1", announce: { port: 80, probe: "udp" } });
// @ts-expect-error a host is more than its name
new RundockService("wrong", { host: "back-1", image: "web:1" });
// @ts-expect-error the host key and the private address are missing
new Host("wrong", { address: "203.0.113.21" });
// @ts-expect-error bootstrap is true, false or settings
new Host("wrong", { address: "203.0.113.21", privateAddress: "10.0.0.21", bootstrap: "yes" });
// @ts-expect-error an address is a text
export const address: pulumi.Output<number> = service.address;
