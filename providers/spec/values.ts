import { z } from "zod";
import { hasLostName, LOST_NAME } from "./lost-name.ts";
import { isUnknown, UNKNOWN } from "./unknown.ts";

/** An argument of one exec may have 128 KiB on Linux; a word must fit with its option's name. */
const WORD_BYTES = 120_000;

/** A text for which the check holds, or one that is not known yet. */
export function text(holds: (value: string) => boolean, message: string) {
  return z.string(message).refine((value) => isUnknown(value) || holds(value), message);
}

/** A number for which the check holds, or one that is not known yet. */
export function numeric(holds: (value: number) => boolean, message: string) {
  return z.custom<number>(
    (value) => value === UNKNOWN || (typeof value === "number" && holds(value)),
    message,
  );
}

export function flag() {
  return z.custom<boolean>(
    (value) => value === UNKNOWN || typeof value === "boolean",
    "should be true or false",
  );
}

/** A list; one that is not known yet is a list of one unknown text. */
export function list<T extends z.ZodType>(element: T) {
  return z.preprocess(
    (value) => (value === UNKNOWN ? [UNKNOWN] : value),
    z.array(element, "should be a list"),
  );
}

/** A map; one that is not known yet has one unknown entry. */
export function map<K extends z.core.$ZodRecordKey, V extends z.ZodType>(
  key: K,
  value: V,
  message = "should be a map",
) {
  return z.preprocess(
    (given, context) => {
      // zod passes over it without a word.
      if (hasLostName(given))
        context.addIssue({
          code: "unrecognized_keys",
          keys: [LOST_NAME],
          input: given as Record<string, unknown>,
        });
      return given === UNKNOWN ? { [UNKNOWN]: UNKNOWN } : given;
    },
    z.record(key, value, message),
  );
}

/** Whether it can be one line of a file, and one argument of a command. */
export function isLine(value: string): boolean {
  return !/[\n\0]/.test(value) && Buffer.byteLength(value) <= WORD_BYTES && value.isWellFormed();
}

/** One argument of a command: it is kept as one line of a file. */
export const word = text(isLine, "should be one line of valid text of at most 120000 bytes, without NUL");

export const filledWord = word.refine((value) => value !== "", "should not be empty");

export const shortWord = filledWord.refine((value) => Buffer.byteLength(value) <= 255, {
  error: "should have at most 255 bytes",
});

/** What Linux takes. */
export const HOSTNAME_BYTES = 64;

export const hostname = filledWord.refine((value) => Buffer.byteLength(value) <= HOSTNAME_BYTES, {
  error: "should have at most 64 bytes",
});

/** Whether a file can have it and nothing of it is lost on the way. */
export function isContent(value: string): boolean {
  return !value.includes("\0") && value.isWellFormed();
}

export const fileContent = text(isContent, "should be valid text without NUL");

/** docker's env-file has one line of at most 64 KiB for each. */
export const secretWord = text(
  (value) => !/[\n\r\0]/.test(value) && Buffer.byteLength(value) <= 60_000 && value.isWellFormed(),
  "should be one line of valid text of at most 60000 bytes, without CR and NUL",
);

export const environmentName = text(
  (value) => /^[A-Za-z_][A-Za-z0-9_.-]{0,254}$/.test(value),
  "should be the name of an environment variable, of at most 255 bytes",
);

/** Linux takes 4095 bytes, with the folders that it lies in on the host. */
const PATH_BYTES = 3000;
const NAME_BYTES = 255;

function isCleanPath(value: string): boolean {
  return (
    isLine(value) &&
    !/[:\r]/.test(value) &&
    Buffer.byteLength(value) <= PATH_BYTES &&
    value.split("/").every(isCleanName)
  );
}

function isCleanName(name: string): boolean {
  return ![".", ".."].includes(name) && Buffer.byteLength(name) <= NAME_BYTES;
}

export const absolutePath = text(
  (value) => /^\/[^/]/.test(value) && !value.endsWith("/") && !value.includes("//") && isCleanPath(value),
  "should be an absolute path without `..` and `:`, of at most 3000 bytes, with at most 255 in each name",
);

export const relativePath = text(
  (value) => /^[^/]/.test(value) && !value.endsWith("/") && !value.includes("//") && isCleanPath(value),
  "should be a relative path without `..` and `:`, of at most 3000 bytes, with at most 255 in each name",
);

export const fileMode = text((value) => /^0?[0-7]{3}$/.test(value), 'should be a mode such as "0644"');

export const port = numeric(
  (value) => Number.isInteger(value) && value >= 1 && value <= 65535,
  "should be a port from 1 to 65535",
);

export const seconds = numeric((value) => value >= 0 && value <= 86_400, "should be seconds from 0 to 86400");

export const count = numeric(
  (value) => Number.isInteger(value) && value >= 1,
  "should be a whole number from 1",
);

export const address = text(isAddress, "should be an IP address");

const ipAddress = z.union([z.ipv4(), z.ipv6()]);

/** One with a zone, which means something on one machine only, is none. */
export function isAddress(value: string): boolean {
  return ipAddress.safeParse(value).success;
}

const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

export const dnsLabel = text(
  (value) => LABEL.test(value),
  "should be a DNS label: lower-case letters, digits and hyphens",
);

export const domain = text(
  (value) => value.includes(".") && isDomainName(value),
  "should be a domain in lower case, such as s.prod.example.com",
);

/** One label or several, each of at most 63 bytes. */
export function isDomainName(value: string): boolean {
  return value.length <= 253 && value.split(".").every((label) => LABEL.test(label));
}
