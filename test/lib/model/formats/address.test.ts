import assert from "node:assert/strict";
import { test } from "node:test";
import { readAddress } from "../../../../lib/model/formats/address.ts";

const good: readonly [text: string, host: string, port: number][] = [
  ["10.0.0.1:80", "10.0.0.1", 80],
  ["a.example:8080", "a.example", 8080],
  ["[fd00::1]:80", "fd00::1", 80],
  ["http://10.0.0.1:8080/path?query", "10.0.0.1", 8080],
  ["https://web.example", "web.example", 443],
  ["https://user:secret@web.example:8443", "web.example", 8443],
  ["http://[::1]/", "::1", 80],
  ["HTTP://a:80", "a", 80],
  ["ws://a:80", "a", 80],
  ["wss://a:443", "a", 443],
  ["ftp://a:21", "a", 21],
  ["tcp://10.0.0.1:5432", "10.0.0.1", 5432],
  ["tcp://[fd00::1]:5432", "fd00::1", 5432],
];

for (const [text, host, port] of good) {
  test(`${text} is an address`, () => assert.deepEqual(readAddress(text), { host, port }));
}

const bad = [
  "a",
  "10.0.0.1",
  ":80",
  "a:",
  "a:0",
  "a:65536",
  "a:http",
  "a:1:2",
  "fd00::1:80",
  "a:80 b:80",
  "a/b:80",
  "tcp://a",
  "tcp://:80",
  "http://a:99999",
  "//a:80",
];

for (const text of bad) {
  test(`${text} is not an address`, () => {
    const why = `it is ${JSON.stringify(text)}: expected host:port, a URL or a JSON object`;
    assert.deepEqual(readAddress(text), { why });
  });
}
