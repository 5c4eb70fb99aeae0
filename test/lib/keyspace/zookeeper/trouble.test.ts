import assert from "node:assert/strict";
import { test } from "node:test";
import { Exception } from "node-zookeeper-client";
import "../../../../lib/keyspace/zookeeper/library.ts";
import { asFault, Disconnected } from "../../../../lib/keyspace/zookeeper/errors.ts";

const url = "zk://h1:2181";

const cases: readonly (readonly [error: Error, code: string])[] = [
  [new Disconnected("connect ECONNREFUSED"), "KEYSPACE_UNREACHABLE"],
  [Exception.create(Exception.CONNECTION_LOSS), "KEYSPACE_UNREACHABLE"],
  [Exception.create(Exception.NO_AUTH), "KEYSPACE_PERMISSION_DENIED"],
  [Exception.create(Exception.AUTH_FAILED), "KEYSPACE_PERMISSION_DENIED"],
  [Exception.create(Exception.UNIMPLEMENTED), "KEYSPACE_REFUSED"],
  [Exception.create(-125), "KEYSPACE_REFUSED"],
];

for (const [error, code] of cases) {
  test(`"${error.message}" is ${code}`, () => {
    assert.equal(asFault(error, url, "write").code, code);
  });
}

test("a bug is no fault", () => {
  assert.throws(() => asFault(new TypeError("x is undefined"), url, "write"), TypeError);
});
