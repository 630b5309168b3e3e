import { nameOf, type Site } from "./site.ts";

/** What a site shows while it is in maintenance. */
export interface MaintenancePage {
  /** Under the configuration directory. */
  readonly file: string;
  readonly content: string;
  readonly type: string;
  readonly status: number;
  /** Seconds. */
  readonly retryAfter: number;
}

const DEFAULT_HTML = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Maintenance</title>
<h1>Down for maintenance</h1>
<p>This site will be back soon.</p>
</html>
`;

/** undefined while the site serves. */
export function maintenancePage(site: Site): MaintenancePage | undefined {
  const { maintenance = false } = site;
  if (maintenance === false) return undefined;
  const { html, text, status = 503, retryAfter = 300 } = maintenance === true ? {} : maintenance;
  const [kind, content] = text === undefined ? ["html", html ?? DEFAULT_HTML] : ["txt", text];
  return {
    file: `maintenance/${nameOf(site)}.${kind}`,
    content,
    type: `text/${kind === "txt" ? "plain" : "html"}; charset=utf-8`,
    status,
    retryAfter,
  };
}
