import assert from "node:assert/strict";
import { test } from "node:test";
import { nginxConfiguration } from "../../stacks/nginx-configuration.ts";

const text = nginxConfiguration({
  domain: "s.prod.example.com",
  resolver: "10.0.0.11",
  address: "203.0.113.11",
  sites: [
    { serverName: "web.example.com", service: "web", port: 80 },
    { serverName: "grafana.example.com", service: "grafana", port: 3000, keepalive: 512 },
  ],
});

test("an upstream follows the service's SRV record", () => {
  assert.ok(
    text.includes(`
  upstream grafana {
    zone grafana 64k;
    server prod.example.com service=grafana.s resolve max_fails=1 fail_timeout=1s;
    keepalive 512;
  }
`),
    text,
  );
});

test("a site answers at its own port, and by its name at the first site's", () => {
  assert.ok(
    text.includes(`
  server {
    listen 203.0.113.11:3000 default_server reuseport;
    listen 203.0.113.11:80;
    server_name grafana.example.com;
    location / {
      proxy_pass http://grafana;
    }
  }
`),
    text,
  );
});

test("nothing listens on every address", () => {
  const listens = text.match(/listen .*/g) ?? [];
  assert.ok(listens.length > 0 && listens.every((line) => line.startsWith("listen 203.0.113.11:")), text);
});
