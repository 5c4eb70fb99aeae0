import assert from "node:assert/strict";
import { test } from "node:test";
import { readGrpcNaming } from "../../../../lib/model/formats/grpc-naming.ts";

const good: readonly [value: object, expected: object][] = [
  [
    { Op: 0, Addr: "10.0.0.1:8080", Metadata: null },
    { host: "10.0.0.1", labels: {} },
  ],
  [
    { Op: 1, Addr: "10.0.0.1:8080" },
    { host: "10.0.0.1", labels: {} },
  ],
  [
    { Addr: "[::1]:8080", Metadata: "blue" },
    { host: "::1", labels: { metadata: "blue" } },
  ],
  [
    { Addr: "a:8080", Metadata: { zone: "a", weight: 3, nested: {}, note: "it's" } },
    { host: "a", labels: { zone: "a", weight: 3 } },
  ],
];

for (const [value, expected] of good) {
  test(`${JSON.stringify(value)} is read`, () => {
    assert.deepEqual(readGrpcNaming({ ...value }), { ...expected, port: "8080" });
  });
}

const bad: readonly [address: unknown, why: string][] = [
  [undefined, "its Addr is missing: expected host:port"],
  ["", 'its Addr is "": expected host:port'],
  [7, "its Addr is 7: expected host:port"],
  ["unix:///run/app.sock", 'its Addr is "unix:///run/app.sock": expected host:port'],
];

for (const [Addr, why] of bad) {
  test(`${JSON.stringify(Addr)} is no address`, () => {
    assert.deepEqual(readGrpcNaming({ Op: 0, Addr }), { why });
  });
}
