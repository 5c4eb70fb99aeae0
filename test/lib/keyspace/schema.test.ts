import assert from "node:assert/strict";
import { test } from "node:test";
import { keyspaceSchema } from "../../../lib/keyspace/schema.ts";

const endpoints = ["h1:2379"];

test("a URL and an object with only a URL give the same configuration", () => {
  const config = {
    url: "etcd://h1:2379",
    location: { kind: "etcd", endpoints, tls: false },
    access: {},
  };
  assert.deepEqual(keyspaceSchema.parse("etcd://h1"), config);
  assert.deepEqual(keyspaceSchema.parse({ url: "etcd://h1" }), config);
});

test("a login in the URL equals one in the object, and is not displayed", () => {
  const access = { user: "app", password: "secret" };
  const beside = keyspaceSchema.parse({ url: "etcds://h1", ...access });
  assert.deepEqual(keyspaceSchema.parse("etcds://app:secret@h1"), beside);
  assert.deepEqual(beside.access, access);
  assert.deepEqual(beside.location, { kind: "etcd", endpoints, tls: true });
});

const invalid: readonly (readonly [config: unknown, path: string, message: RegExp])[] = [
  ["http://h1", "", /write file:/],
  [{ url: "etcd://h1:x" }, "url", /is not host:port/],
  [{ url: "file:./keyspace", user: "app" }, "user", /not supported by a file: keyspace/],
  [{ url: "etcd://h1", ca: "ca.pem" }, "ca", /etcds:\/\//],
  [{ url: "etcds://h1", cert: "cert.pem" }, "cert", /requires key/],
  [{ url: "etcds://h1", key: "key.pem" }, "key", /requires cert/],
  [{ url: "etcd://h1", user: "app" }, "user", /requires passwordFile/],
  [{ url: "etcd://h1", password: "secret" }, "password", /requires user/],
  [
    { url: "etcd://h1", user: "app", password: "secret", passwordFile: "file" },
    "passwordFile",
    /only one of password and passwordFile/,
  ],
  [
    { url: "etcd://app:secret@h1", user: "app" },
    "user",
    /user and password are already in the URL/,
  ],
  [{ url: "zk://app:secret@h1", user: "app" }, "user", /user and password are already in the URL/],
  [{ url: "zk://h1", ca: "ca.pem" }, "ca", /zks:\/\//],
  [{ url: "zks://h1", cert: "cert.pem" }, "cert", /requires key/],
];

for (const [config, path, message] of invalid) {
  test(`${JSON.stringify(config)} is rejected`, () => {
    const [issue, ...others] = keyspaceSchema.safeParse(config).error?.issues ?? [];
    assert.equal(issue?.path.join("."), path);
    assert.match(issue?.message ?? "", message);
    assert.equal(others.length, 0);
  });
}

test("an unknown key is rejected", () => {
  assert.ok(!keyspaceSchema.safeParse({ url: "etcd://h1", usr: "app" }).success);
});
