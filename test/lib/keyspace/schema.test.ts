import assert from "node:assert/strict";
import { test } from "node:test";
import { keyspaceSchema } from "../../../lib/keyspace/schema.ts";

const endpoints = ["h1:2379"];

test("a URL and an object with only a URL are the same", () => {
  const config = {
    url: "etcd://h1:2379",
    location: { kind: "etcd", endpoints, tls: false },
    access: {},
  };
  assert.deepEqual(keyspaceSchema.parse("etcd://h1"), config);
  assert.deepEqual(keyspaceSchema.parse({ url: "etcd://h1" }), config);
});

test("a login in the URL is one of the object, and is not shown", () => {
  const access = { user: "app", password: "secret" };
  const beside = keyspaceSchema.parse({ url: "etcds://h1", ...access });
  assert.deepEqual(keyspaceSchema.parse("etcds://app:secret@h1"), beside);
  assert.deepEqual(beside.access, access);
  assert.deepEqual(beside.location, { kind: "etcd", endpoints, tls: true });
});

const wrong: readonly (readonly [config: unknown, path: string, says: RegExp])[] = [
  ["http://h1", "", /write file:/],
  [{ url: "etcd://h1:x" }, "url", /is not host:port/],
  [{ url: "file:./keyspace", user: "app" }, "user", /a file: keyspace has no use for it/],
  [{ url: "etcd://h1", ca: "ca.pem" }, "ca", /etcds:\/\//],
  [{ url: "etcds://h1", cert: "cert.pem" }, "cert", /a key beside it/],
  [{ url: "etcds://h1", key: "key.pem" }, "key", /a cert beside it/],
  [{ url: "etcd://h1", user: "app" }, "user", /a passwordFile beside it/],
  [{ url: "etcd://h1", password: "secret" }, "password", /a user beside it/],
  [
    { url: "etcd://h1", user: "app", password: "secret", passwordFile: "file" },
    "passwordFile",
    /only one password/,
  ],
  [{ url: "etcd://app:secret@h1", user: "app" }, "user", /has user and password already/],
  [{ url: "zk://app:secret@h1", user: "app" }, "user", /has user and password already/],
  [{ url: "zk://h1", ca: "ca.pem" }, "ca", /zks:\/\//],
  [{ url: "zks://h1", cert: "cert.pem" }, "cert", /a key beside it/],
];

for (const [config, path, says] of wrong) {
  test(`${JSON.stringify(config)} is refused`, () => {
    const [issue, ...others] = keyspaceSchema.safeParse(config).error?.issues ?? [];
    assert.equal(issue?.path.join("."), path);
    assert.match(issue?.message ?? "", says);
    assert.equal(others.length, 0);
  });
}

test("a key that is not known is refused", () => {
  assert.ok(!keyspaceSchema.safeParse({ url: "etcd://h1", usr: "app" }).success);
});
