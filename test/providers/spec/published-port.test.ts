import assert from "node:assert/strict";
import { test } from "node:test";
import { readPort } from "../../../providers/spec/published-port.ts";

const HOST = { privateAddress: "10.0.0.21", publicAddress: "203.0.113.21" };

const READ: readonly [
  text: string,
  address: string,
  hostPort: number | null,
  containerPort: number,
  protocol: string,
][] = [
  ["80", "10.0.0.21", null, 80, "tcp"],
  ["8080:80", "10.0.0.21", 8080, 80, "tcp"],
  ["public:8080:80", "203.0.113.21", 8080, 80, "tcp"],
  ["127.0.0.1:8086:8086/tcp", "127.0.0.1", 8086, 8086, "tcp"],
  ["127.0.0.1:53/udp", "127.0.0.1", null, 53, "udp"],
  ["[::1]:53:53/udp", "[::1]", 53, 53, "udp"],
];

for (const [text, address, hostPort, containerPort, protocol] of READ) {
  test(`reads ${text}`, () =>
    assert.deepEqual(readPort(text, HOST), { address, hostPort, containerPort, protocol }));
}

for (const text of ["", "http", "0", "80:0", "70000", "1.2.3:80:80", "80/sctp", "80:80:80", "::1:80:80"]) {
  test(`refuses ${JSON.stringify(text)}`, () => assert.equal(readPort(text, HOST), undefined));
}
