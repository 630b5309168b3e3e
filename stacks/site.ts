import { z } from "zod";
import { count, dnsLabel, filledWord, flag, list, numeric, port, text } from "../providers/spec/values.ts";

const serverName = text(
  (value) => /^(\*\.)?[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/.test(value),
  "should be a name in lower case, such as www.example.com or *.example.com",
);

const duration = numeric(
  (value) => value >= 0.001 && value <= 86_400,
  "should be seconds from 0.001 to 86400",
);

const page = text((value) => value.length > 0, "should be a text");

const maintenance = z
  .strictObject({
    html: page.optional(),
    text: page.optional(),
    /** @default 503 */
    status: numeric(
      (value) => Number.isInteger(value) && value >= 400 && value <= 599,
      "should be a status from 400 to 599",
    ).optional(),
    /** Seconds. @default 300 */
    retryAfter: count.optional(),
  })
  .refine(({ html, text }) => html === undefined || text === undefined, {
    error: "should have html or text, and not both",
  });

/** What the world calls a service, and which one it is. */
export const siteSchema = z.strictObject({
  /** @default the service's name */
  name: dnsLabel.optional(),
  serverNames: list(serverName).refine((names) => names.length > 0, "should have a name"),
  /** The name under which the service is announced. */
  service: dnsLabel,
  /**
   * At which port of the public address it answers whatever name it is called by; no two sites share one. By its names every
   * site answers at the first site's port too. @default 80 of the first site, none of the others
   */
  port: port.optional(),
  /** Idle connections to the service that are kept. @default 32 */
  keepalive: count.optional(),
  /** The entry of `rundock:tls` with its certificate. @default no TLS */
  tls: dnsLabel.optional(),
  /** Whether plain requests are sent to HTTPS. @default true with `tls` */
  redirectToHttps: flag().optional(),
  /** In seconds: until a connection to an instance stands, and between two reads or writes. */
  timeouts: z
    .strictObject({
      /** @default 0.5 */
      connect: duration.optional(),
      /** @default 60 */
      read: duration.optional(),
      /** @default 60 */
      send: duration.optional(),
      /** For which a websocket may say nothing. @default as read and send */
      websocket: duration.optional(),
    })
    .optional(),
  /**
   * `tries` is to how many instances a frontend sends a request, the first included, where nothing can happen twice; another
   * frontend, which is asked last, counts as one and has as many of its own. `timeout` is the seconds after which it goes on
   * to none. A request whose instances change while it waits begins again. @default from each frontend once to every instance,
   * without a limit of time
   */
  retries: z
    .union([z.literal(false), z.strictObject({ tries: count.optional(), timeout: duration.optional() })], {
      error: "should be false or { tries, timeout }",
    })
    .optional(),
  /** A page in the place of the service. @default false */
  maintenance: z
    .union([z.boolean(), maintenance], {
      error: "should be true, false or { html, text, status, retryAfter }",
    })
    .optional(),
  /** @default "combined" */
  accessLog: z.enum(["combined", "json", "off"], "should be combined, json or off").optional(),
  /** The largest body of a request, such as "20m"; "0" is any. @default "1m" */
  bodySize: filledWord
    .refine((value) => /^\d{1,9}[kmg]?$/.test(value), { error: 'should be a size such as "20m"' })
    .optional(),
});

export type Site = z.infer<typeof siteSchema>;

/** What tells a site from the others. */
export function nameOf({ name, service }: Site): string {
  return name ?? service;
}

/** Where every site answers by its names. */
export function commonPort([first]: readonly Site[]): number {
  return first?.port ?? 80;
}

/** Where a site answers over plain HTTP. */
export function portOf(site: Site, sites: readonly Site[]): number {
  return site.port ?? commonPort(sites);
}

export function redirects({ tls, redirectToHttps = tls !== undefined }: Site): boolean {
  return redirectToHttps;
}
