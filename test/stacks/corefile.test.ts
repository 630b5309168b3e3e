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
