import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { nginxConfiguration } from "../../stacks/nginx-configuration.ts";

const GOLDEN = new URL("./golden/nginx.conf", import.meta.url);

const text = nginxConfiguration({
  domain: "s.prod.example.com",
  resolver: "10.0.0.11",
  address: "203.0.113.11",
  others: ["203.0.113.12"],
  sites: [
    { serverName: "web.example.com", service: "web", port: 80 },
    { serverName: "grafana.example.com", service: "grafana", port: 3000, keepalive: 512 },
  ],
});

test("two sites render to their golden text", () => {
  assert.equal(text, readFileSync(GOLDEN, "utf8"));
});

test("nothing listens on every address", () => {
  const listens = text.match(/listen .*/g) ?? [];
  assert.equal(listens.length, 3);
  for (const listen of listens) assert.match(listen, /^listen 203\.0\.113\.11:/);
});
