import assert from "node:assert/strict";
import { test } from "node:test";
import { formatAddress, isPort, parseAddress } from "../../../lib/model/endpoint.ts";

const addresses: readonly [text: string, host: string, port: number][] = [
  ["10.0.0.1:80", "10.0.0.1", 80],
  ["web.example:8080", "web.example", 8080],
  ["[::1]:65535", "::1", 65_535],
  ["[fd00::10.0.0.1]:1", "fd00::10.0.0.1", 1],
];

for (const [text, host, port] of addresses) {
  test(`${text} is parsed and formatted`, () => {
    assert.deepEqual(parseAddress(text), { host, port });
    assert.equal(formatAddress({ host, port }), text);
  });
}

for (const text of [
  "",
  "10.0.0.1",
  ":80",
  "a:0",
  "a:65536",
  "a:-1",
  "a:8O",
  "::1:80",
  "[::1]",
  "[::1:80",
  "[]:80",
  "[web]:80",
  "a b:80",
  "a:80 ",
  "a:80\n",
  "http://a:80",
]) {
  test(`${JSON.stringify(text)} is not an address`, () =>
    assert.equal(parseAddress(text), undefined));
}

test("a port is an integer from 1 to 65535", () => {
  for (const port of [1, 80, 65_535]) assert.ok(isPort(port));
  for (const port of [0, -1, 65_536, 80.5, Number.NaN, "80", null, undefined]) {
    assert.equal(isPort(port), false, String(port));
  }
});
