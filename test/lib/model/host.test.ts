import assert from "node:assert/strict";
import { test } from "node:test";
import { canonicalAddress } from "../../../lib/model/endpoint.ts";
import { hostProblem, isHost } from "../../../lib/model/host.ts";

const longest = Array.from({ length: 4 }, (_, i) => "x".repeat(i < 3 ? 63 : 61)).join(".");

const hosts = [
  ...[
    "a",
    "web-1.example",
    "node_1",
    "_x",
    "a-.b",
    "a.-b",
    "WEB.Example",
    "1a",
    "10.0.0.1.example",
  ],
  ...["10.0.0.1", "0.0.0.0", "255.255.255.255"],
  ...["::", "::1", "fd00::1:2", "FD00::1", "fe80::1", "::ffff:10.0.0.1"],
  ...["web.example.", "a.", longest, `${longest}.`, "x".repeat(63)],
];

for (const host of hosts) {
  test(`${host.slice(0, 40)} is a host`, () => assert.equal(hostProblem(host), undefined));
}

const others: readonly [host: unknown, problem: RegExp][] = [
  ...["", ".", ":", "::::", "1:2", "[::1]", "-a", "a-", "a b", "a\n", "a;b", "ü", 7, null].map(
    (host): [unknown, RegExp] => [host, /^a host name or an IP address$/],
  ),
  ...["a..b", "a..", "..a", ".a"].map((host): [string, RegExp] => [host, /^no empty part/]),
  ...[
    "256.0.0.1",
    "10.0.0.01",
    "010.0.0.1",
    "127.1",
    "1",
    "1.2.3.4.5",
    "0x7f.0.0.1",
    "0X7F",
    "1.2.3.4.",
  ].map((host): [string, RegExp] => [host, /^an IPv4 address of four numbers/]),
  ["fe80::1%eth0", /^an IPv6 address without a zone$/],
  ["::1%lo", /^an IPv6 address without a zone$/],
  [`x.${longest}`, /^a host name of at most 253 characters$/],
  [`${"x".repeat(64)}.example`, /^at most 63 characters/],
];

for (const [host, problem] of others) {
  test(`${JSON.stringify(host)?.slice(0, 40)} is no host`, () => {
    assert.match(hostProblem(host) ?? "", problem);
    assert.equal(isHost(host), false);
  });
}

test("addresses that differ in a final dot are the same", () => {
  const addressed = (host: string, address: string) =>
    canonicalAddress({ host, port: 80, address });
  assert.equal(addressed("web.example.", "web.example.:80"), "web.example:80");
  assert.equal(addressed("web.example", "web.example:80"), "web.example:80");
  assert.equal(addressed("::1", "[::1]:80"), "[::1]:80");
});
