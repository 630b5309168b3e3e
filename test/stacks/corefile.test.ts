import assert from "node:assert/strict";
import { test } from "node:test";
import { corefile } from "../../stacks/corefile.ts";

test("the domain is answered from etcd, at one address and without a cache", () => {
  const text = corefile({
    domain: "s.prod.example.com",
    address: "10.0.0.21",
    endpoints: ["http://10.0.0.21:2379", "http://10.0.0.22:2379"],
  });
  assert.equal(
    text,
    `s.prod.example.com {
  bind 10.0.0.21
  errors
  loadbalance
  etcd {
    path /skydns
    endpoint http://10.0.0.21:2379 http://10.0.0.22:2379
  }
}

. {
  bind 10.0.0.21
  errors
  forward . /etc/resolv.conf
}
`,
  );
});

test("the public zone is answered at the public address alone, from records of its own, and nothing else is", () => {
  const text = corefile({
    domain: "s.prod.example.com",
    address: "10.0.0.11",
    endpoints: ["http://10.0.0.21:2379"],
    publicZone: { domain: "www.example.com", address: "203.0.113.11" },
  });
  const [publicServer = "", ...others] = text
    .split(/^}\n/m)
    .filter((server) => server.includes("bind 203.0.113.11\n"));
  assert.deepEqual(others, []);
  assert.match(publicServer.trim(), /^www\.example\.com \{/);
  assert.match(publicServer, /^ {4}path \/skydns-public$/m);
  assert.doesNotMatch(publicServer, /forward/);
});

test("a secure etcd is asked with a certificate", () => {
  const tls = { certificate: "/tls/certificate.pem", key: "/tls/key.pem", ca: "/tls/ca.pem" };
  const endpoints = ["https://10.0.0.21:2379"];
  const text = corefile({ domain: "s.prod.example.com", address: "10.0.0.21", endpoints, tls });
  assert.match(
    text,
    /endpoint https:.*\n {4}tls \/tls\/certificate\.pem \/tls\/key\.pem \/tls\/ca\.pem\n {2}\}/,
  );
});
