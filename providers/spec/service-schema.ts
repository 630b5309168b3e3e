import { z } from "zod";
import { insteadOfFlag } from "./owned-flags.ts";
import { isUnknown } from "./unknown.ts";
import {
  absolutePath,
  address,
  count,
  dnsLabel,
  domain,
  environmentName,
  fileContent,
  fileMode,
  filledWord,
  flag,
  hostname,
  isAddress,
  isDomainName,
  isLine,
  list,
  map,
  numeric,
  port,
  relativePath,
  seconds,
  secretWord,
  shortWord,
  text,
  word,
} from "./values.ts";

const hostFacts = z.strictObject({
  name: dnsLabel,
  domain: domain.optional(),
  privateAddress: address,
  publicAddress: address.optional(),
});

const file = z.union([fileContent, z.strictObject({ content: fileContent, mode: fileMode.optional() })], {
  error: 'should be a text without NUL, or { content, mode } with a mode such as "0644"',
});

const httpPath = text(
  (value) => /^\/[!-~]{0,1999}$/.test(value),
  "should be a path that begins with /, of at most 2000 printable ASCII characters",
);

const argument = word.superRefine((value, context) => {
  const instead = insteadOfFlag(value);
  if (instead !== undefined) context.addIssue({ code: "custom", message: `${value} is refused: ${instead}` });
});

const alias = text(
  (value) => value === "@" || isDomainName(value),
  'should be a name in lower case, such as www or www.shop, or "@"',
);

const announce = z.strictObject({
  port,
  publish: port.optional(),
  as: z.enum(["private", "public", "container"], "should be private, public or container").optional(),
  name: dnsLabel.optional(),
  aliases: list(alias).optional(),
  domain: domain.optional(),
  probe: z
    .union([z.enum(["none", "tcp"]), z.strictObject({ http: httpPath })], {
      error: 'should be "none", "tcp" or { http: PATH }',
    })
    .optional(),
  weight: numeric(
    (value) => Number.isInteger(value) && value >= 1 && value <= 65535,
    "should be from 1 to 65535",
  ).optional(),
  priority: numeric(
    (value) => Number.isInteger(value) && value >= 0 && value <= 65535,
    "should be from 0 to 65535",
  ).optional(),
  ttl: count.optional(),
});

const KINDS = ["tcp", "http", "exec", "health", "running"] as const;

const ready = z
  .strictObject({
    tcp: port.optional(),
    http: httpPath.optional(),
    port: port.optional(),
    address: text(
      (value) => value === "private" || value === "public" || isAddress(value),
      "should be an IP address, private or public",
    ).optional(),
    status: text(
      (value) => /^\d{3}(-\d{3})?$/.test(value),
      'should be a status such as "200" or "200-399"',
    ).optional(),
    exec: list(word).optional(),
    health: flag().optional(),
    running: flag().optional(),
    interval: numeric(
      (value) => value >= 0.05 && value <= 3600,
      "should be seconds from 0.05 to 3600",
    ).optional(),
    timeout: numeric((value) => value >= 1 && value <= 3600, "should be seconds from 1 to 3600").optional(),
    successes: count.optional(),
  })
  .refine((value) => KINDS.filter((kind) => value[kind] !== undefined).length <= 1, {
    error: `should have one of ${KINDS.join(", ")}`,
  });

const signal = text(
  (value) => /^(SIG)?[A-Z]{2,9}[0-9]{0,2}$/.test(value),
  "should be a signal's name, such as HUP",
);

const config = z.strictObject({
  directory: absolutePath,
  files: map(relativePath, fileContent),
  check: list(word).optional(),
  reload: z.strictObject({ signal: signal.optional(), command: list(word).optional() }).optional(),
});

const health = z.strictObject({
  command: filledWord,
  interval: seconds.optional(),
  timeout: seconds.optional(),
  retries: count.optional(),
  startPeriod: seconds.optional(),
});

const update = z.strictObject({
  order: z.enum(["start-first", "stop-first"], "should be start-first or stop-first").optional(),
  drain: seconds.optional(),
  monitor: numeric(
    (value) => Number.isInteger(value) && value >= 0 && value <= 3600,
    "should be whole seconds from 0 to 3600",
  ).optional(),
  stopTimeout: seconds.optional(),
  group: filledWord.optional(),
});

const rollout = z.strictObject({
  fleet: filledWord,
  size: count,
  maxParallel: z
    .custom<number | string>(
      (value) => isUnknown(value) || isCount(value) || isPercentage(value),
      'should be a whole number from 1, or a percentage from "1%" to "100%"',
    )
    .optional(),
  canary: numeric(
    (value) => Number.isInteger(value) && value >= 0,
    "should be a whole number from 0",
  ).optional(),
  pause: seconds.optional(),
  onFailure: z.enum(["halt", "rollback"], "should be halt or rollback").optional(),
});

function isCount(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 1;
}

function isPercentage(value: unknown): boolean {
  return typeof value === "string" && /^([1-9]\d?|100)%$/.test(value);
}

const volume = text(
  (value) =>
    isLine(value) &&
    value.length <= 4000 &&
    /^([a-zA-Z0-9][a-zA-Z0-9_.-]+|\/[^:]*):\/[^:]*(:ro|:rw)?$/.test(value),
  "should be NAME:/TARGET or /PATH:/TARGET, with :ro behind when it is read-only",
);

/** The shape of a service's arguments; what one says about another is checked in parse-service.ts. */
export const serviceSchema = z.strictObject({
  host: hostFacts,
  name: text(
    (value) =>
      /^[a-zA-Z0-9][a-zA-Z0-9_.-]{1,62}$/.test(value) && !/^rundock-announcer|\.(next|last)$/.test(value),
    "should be 2 to 63 letters, digits, dots, hyphens or underscores, and neither begin with rundock-announcer nor end with .next or .last",
  ),
  image: filledWord.refine((value) => isUnknown(value) || /^[a-z0-9][\w.:/@-]{0,499}$/i.test(value), {
    error: "should be an image's name, such as registry.example.com/web:1",
  }),
  args: list(argument).optional(),
  command: list(word).optional(),
  entrypoint: filledWord.optional(),
  user: shortWord.optional(),
  env: map(environmentName, word).optional(),
  files: map(absolutePath, file).optional(),
  config: config.optional(),
  ports: list(z.string("should be a text such as 8080:80")).optional(),
  volumes: list(volume).optional(),
  network: text(
    (value) => /^[a-zA-Z0-9][\w.:-]{0,127}$/.test(value),
    "should be bridge, host or a network's name",
  ).optional(),
  dns: list(address).optional(),
  hostname: hostname.optional(),
  init: flag().optional(),
  memory: text((value) => /^\d{1,18}[bkmg]?$/.test(value), 'should be a size such as "512m"').optional(),
  cpus: numeric(
    (value) => value > 0 && value <= 1024,
    "should be a number of processors, such as 0.5",
  ).optional(),
  health: health.optional(),
  announce: announce.optional(),
  ready: ready.optional(),
  update: update.optional(),
  rollout: rollout.optional(),
  enabled: flag().optional(),
  adopt: flag().optional(),
  secretConfig: z.strictObject({ files: map(relativePath, fileContent), salt: z.string() }).optional(),
  maintenance: flag().optional(),
  secrets: z
    .strictObject({
      env: map(environmentName, secretWord).optional(),
      files: map(absolutePath, file).optional(),
      salt: z.string(),
    })
    .optional(),
});

export type CheckedService = z.infer<typeof serviceSchema>;
