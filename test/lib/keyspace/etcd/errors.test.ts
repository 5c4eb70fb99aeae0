import assert from "node:assert/strict";
import { test } from "node:test";
import {
  EtcdAuthenticationFailedError,
  EtcdError,
  EtcdPermissionDeniedError,
  GRPCUnavailableError,
} from "etcd3";
import { asFault } from "../../../../lib/keyspace/etcd/errors.ts";

const url = "etcd://h1:2379";

const cases: readonly (readonly [error: Error, code: string, message: RegExp])[] = [
  [
    new EtcdPermissionDeniedError("etcdserver: permission denied"),
    "KEYSPACE_PERMISSION_DENIED",
    /^permission denied: cannot write \/a \(keyspace etcd:\/\/h1:2379\)/,
  ],
  [
    new EtcdAuthenticationFailedError(
      "etcdserver: authentication failed, invalid user ID or password",
    ),
    "KEYSPACE_PERMISSION_DENIED",
    /^authentication failed: cannot write \/a/,
  ],
  [
    new EtcdError("etcdserver: user name is empty"),
    "KEYSPACE_PERMISSION_DENIED",
    /^authentication failed: /,
  ],
  [
    new EtcdError("etcdserver: request is too large"),
    "KEYSPACE_REFUSED",
    /rejected the request to write \/a/,
  ],
  [new EtcdError("etcdserver: no leader"), "KEYSPACE_UNREACHABLE", /is unreachable/],
  [
    new GRPCUnavailableError(
      "14 UNAVAILABLE: No connection established. Last error: Error: connect ECONNREFUSED",
    ),
    "KEYSPACE_UNREACHABLE",
    /is unreachable/,
  ],
];

for (const [error, code, message] of cases) {
  test(`"${error.message}" is ${code}`, () => {
    const fault = asFault(error, url, "write /a");
    assert.equal(fault.code, code);
    assert.match(fault.message, message);
  });
}

test("the cause is the system's message, without that of gRPC", () => {
  const error = new GRPCUnavailableError(
    "14 UNAVAILABLE: No connection established. Last error: Error: connect ECONNREFUSED",
  );
  assert.equal((asFault(error, url, "write /a").cause as Error).message, "connect ECONNREFUSED");
});

test("a bug is not a fault", () => {
  assert.throws(() => asFault(new TypeError("x is undefined"), url, "write /a"), TypeError);
});
