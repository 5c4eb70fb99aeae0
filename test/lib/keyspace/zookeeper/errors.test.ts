import assert from "node:assert/strict";
import { test } from "node:test";
import { Exception } from "node-zookeeper-client";
import "../../../../lib/keyspace/zookeeper/library.ts";
import { asFault, Disconnected } from "../../../../lib/keyspace/zookeeper/errors.ts";

const url = "zk://h1:2181";

const cases: readonly (readonly [error: Error, code: string, message?: RegExp])[] = [
  [new Disconnected("connect ECONNREFUSED"), "KEYSPACE_UNREACHABLE"],
  [Exception.create(Exception.CONNECTION_LOSS), "KEYSPACE_UNREACHABLE"],
  [
    Exception.create(Exception.NO_AUTH),
    "KEYSPACE_PERMISSION_DENIED",
    /^permission denied: cannot write \/a \(keyspace zk:\/\/h1:2181\)/,
  ],
  [
    Exception.create(Exception.AUTH_FAILED),
    "KEYSPACE_PERMISSION_DENIED",
    /^authentication failed: cannot write \/a/,
  ],
  [Exception.create(Exception.UNIMPLEMENTED), "KEYSPACE_REFUSED"],
  [Exception.create(-125), "KEYSPACE_REFUSED"],
];

for (const [error, code, message = /./] of cases) {
  test(`"${error.message}" is ${code}`, () => {
    const fault = asFault(error, url, "write /a");
    assert.equal(fault.code, code);
    assert.match(fault.message, message);
  });
}

test("a bug is not a fault", () => {
  assert.throws(() => asFault(new TypeError("x is undefined"), url, "write"), TypeError);
});
