import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { nginxConfiguration } from "../../stacks/nginx-configuration.ts";
import type { Site } from "../../stacks/site.ts";

const GOLDEN = new URL("./golden/nginx.conf", import.meta.url);

const text = nginxConfiguration({
  domain: "s.prod.example.com",
  resolver: "10.0.0.11",
  address: "203.0.113.11",
  privateAddress: "10.0.0.11",
  others: [{ address: "203.0.113.12", privateAddress: "10.0.0.12" }],
  sites: [
    { serverNames: ["web.example.com"], service: "web", port: 80 },
    { serverNames: ["grafana.example.com"], service: "grafana", port: 3000, keepalive: 512 },
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

function configurationOf(sites: readonly Site[], changes: object = {}): string {
  const [address, privateAddress] = ["203.0.113.11", "10.0.0.11"];
  const others = [{ address: "203.0.113.12", privateAddress: "10.0.0.12" }];
  const args = { domain: "s.prod.example.com", resolver: "10.0.0.11", address, privateAddress, others };
  return nginxConfiguration({ ...args, sites, ...changes });
}

const web: Site = { serverNames: ["www.example.com"], service: "web" };
const shop: Site = { serverNames: ["shop.example.com"], service: "shop", tls: "shop" };
const listensOf = (text: string) => (text.match(/listen .*/g) ?? []).sort();

test("TLS sites share one port by name, and a connection for another name is refused", () => {
  const text = configurationOf([
    web,
    shop,
    { ...web, name: "www2", serverNames: ["w.example.com"], tls: "w" },
  ]);
  assert.deepEqual(listensOf(text), [
    "listen 10.0.0.11:80 default_server reuseport;",
    "listen 10.0.0.11:80;",
    "listen 203.0.113.11:443 ssl default_server reuseport;",
    "listen 203.0.113.11:443 ssl;",
    "listen 203.0.113.11:443 ssl;",
    "listen 203.0.113.11:80 default_server reuseport;",
    "listen 203.0.113.11:80;",
    "listen 203.0.113.11:80;",
  ]);
  assert.match(text, /ssl default_server reuseport;\n {4}ssl_reject_handshake on;/);
  assert.match(text, /ssl_certificate tls\/shop\.crt;\n {4}ssl_certificate_key tls\/shop\.key;/);
});

test("what came over TLS goes to another frontend by the private network, where there is one", () => {
  const backups = (text: string) => (text.match(/server .* backup/g) ?? []).sort();
  assert.deepEqual(backups(configurationOf([web, shop])), [
    "server 10.0.0.12:80 backup",
    "server 203.0.113.12:80 backup",
  ]);
  const oneNetwork = {
    address: "10.0.0.11",
    others: [{ address: "10.0.0.12", privateAddress: "10.0.0.12" }],
  };
  const text = configurationOf([web, shop], oneNetwork);
  assert.deepEqual(backups(text), ["server 10.0.0.12:80 backup", "server 10.0.0.12:80 backup"]);
  assert.deepEqual(listensOf(text), [
    "listen 10.0.0.11:443 ssl default_server reuseport;",
    "listen 10.0.0.11:443 ssl;",
    "listen 10.0.0.11:80 default_server reuseport;",
    "listen 10.0.0.11:80;",
  ]);
});

test("only a frontend's own address is asked for no TLS, and without TLS nobody is", () => {
  assert.match(
    configurationOf([shop]),
    /geo \$is_frontend \{\n {4}default 0;\n {4}203\.0\.113\.12 1;\n {4}10\.0\.0\.12 1;\n {2}\}/,
  );
  assert.equal(configurationOf([web, shop]).match(/\$http_x_frontend/g)?.length, 1);
  assert.doesNotMatch(configurationOf([web]), /geo/);
});

test("plain requests go to HTTPS unless told otherwise, but not the health check", () => {
  const redirect = /location \/ \{\n {6}if \(\$needs_https\)/;
  assert.match(configurationOf([shop]), redirect);
  assert.doesNotMatch(configurationOf([{ ...shop, redirectToHttps: false }]), redirect);
});

test("a site in maintenance asks its service for nothing", () => {
  const text = configurationOf([{ ...web, maintenance: { text: "soon", retryAfter: 60 } }]);
  assert.doesNotMatch(text, /proxy_pass/);
  assert.match(text, /return 503;/);
  assert.match(text, /add_header Retry-After 60 always;/);
  assert.match(text, /location = \/nginx-health/);
});

test("without retries a request is sent once", () => {
  const text = configurationOf([{ ...web, retries: false }]);
  assert.match(text, /proxy_next_upstream off;/);
  assert.doesNotMatch(text, /error_page 502/);
});

test("IPv6 addresses stand in brackets", () => {
  const other = { address: "2001:db8::12", privateAddress: "fd00::12" };
  const own = { address: "2001:db8::11", privateAddress: "fd00::11", resolver: "fd00::11", others: [other] };
  const text = configurationOf([web, shop], own);
  assert.match(text, /resolver \[fd00::11\] valid/);
  assert.match(text, /server \[2001:db8::12\]:80 backup;/);
  assert.match(text, /server \[fd00::12\]:80 backup;/);
  for (const listen of listensOf(text)) assert.match(listen, /^listen \[(2001:db8|fd00)::11\]:\d+[ ;]/);
});
