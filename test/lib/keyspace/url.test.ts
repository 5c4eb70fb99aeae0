import assert from "node:assert/strict";
import { test } from "node:test";
import { formatKeyspaceUrl } from "../../../lib/keyspace/format-url.ts";
import { parseKeyspaceUrl, resolveKeyspaceUrl } from "../../../lib/keyspace/url.ts";

const valid: readonly (readonly [url: string, displayed: string])[] = [
  ["file:./keyspace", "file:./keyspace"],
  ["file:keyspace", "file:keyspace"],
  ["file:/var/lib/sidekick", "file:/var/lib/sidekick"],
  ["file:///var/lib/sidekick", "file:/var/lib/sidekick"],
  ["memory:", "memory:"],
  ["etcd://127.0.0.1", "etcd://127.0.0.1:2379"],
  ["etcd://127.0.0.1:2379/", "etcd://127.0.0.1:2379"],
  ["etcd://h1:1,h2,[::1]:3,[fd00::2]", "etcd://h1:1,h2:2379,[::1]:3,[fd00::2]:2379"],
  ["etcds://etcd.example", "etcds://etcd.example:2379"],
  ["etcd://app:pw@h1,h2:1/?slashless", "etcd://h1:2379,h2:1?slashless"],
  ["etcd://app:p%40ss:word@h1,h2", "etcd://h1:2379,h2:2379"],
  ["zk://h1,h2:1,[::1]", "zk://h1:2181,h2:1,[::1]:2181"],
  ["zk://app:secret@h1/", "zk://h1:2181"],
  ["zk://h1/a/b/", "zk://h1:2181/a/b"],
  ["zks://h1,h2:1/a", "zks://h1:2281,h2:1/a"],
];

for (const [url, displayed] of valid) {
  test(`${url} is displayed as ${displayed}`, () => {
    assert.equal(formatKeyspaceUrl(parseKeyspaceUrl(url)), displayed);
  });
}

test("a login is decoded", () => {
  const location = parseKeyspaceUrl("etcds://app:p%40ss:word@h1");
  assert.deepEqual(location, {
    kind: "etcd",
    endpoints: ["h1:2379"],
    tls: true,
    login: { user: "app", password: "p@ss:word" },
  });
});

test("the folder of a ZooKeeper URL is the chroot", () => {
  const location = parseKeyspaceUrl("zk://app:secret@h1,h2/a/b/");
  assert.deepEqual(location, {
    kind: "zookeeper",
    endpoints: ["h1:2181", "h2:2181"],
    tls: false,
    chroot: "/a/b",
    login: { user: "app", password: "secret" },
  });
});

const invalid: readonly (readonly [url: string, message: RegExp])[] = [
  ["", /write file:\.\/folder, etcd:\/\/host:2379/],
  ["./keyspace", /write file:/],
  ["http://h1:2379", /write file:/],
  ["memory:shared", /write file:/],
  ["file:", /write a folder/],
  ["file://host/folder", /write a folder/],
  ["etcd:", /write etcd:\/\/host:2379/],
  ["etcd://", /write etcd:\/\/host:2379/],
  ["etcds:h1:2379", /write etcds:\/\/host:2379/],
  [
    "etcd://h1:2379/folder",
    /the URL of etcd has no folder: write etcd:\/\/h1:2379, and the folder in presence\.prefix and watch\.services, .*: \/folder$/,
  ],
  ["etcds://app:secret@h1,h2/a/b", /write etcds:\/\/h1,h2, and the folder in .*: \/a\/b$/],
  ["etcd://h1:2379?x", /write etcd:\/\/host:2379/],
  ["etcd://h1:2379?slashless=1", /write etcd:\/\/host:2379/],
  ["etcd://h1:0", /0 is not a port/],
  ["etcd://h1:70000", /70000 is not a port/],
  ["etcd://h1:x", /"h1:x" is not host:port/],
  ["etcd://h1,,h2", /"" is not host:port/],
  ["etcd://::1:2379", /is not host:port, nor \[IPv6\]:port/],
  ["etcd://app@h1", /user:password/],
  ["etcd://app:%zz@h1", /user:password/],
  ["zk:h1", /write zk:\/\/host:2181\/folder/],
  ["zk://h1//a", /write zk:\/\/host:2181\/folder/],
  ["zks:h1", /write zks:\/\/host:2281\/folder/],
  ["zk://h1/a/../b", /segment \. or \.\./],
  ["zk://h1:x/a", /"h1:x" is not host:port/],
];

for (const [url, message] of invalid) {
  test(`${JSON.stringify(url)} is rejected`, () => {
    assert.throws(() => parseKeyspaceUrl(url), { code: "KEYSPACE_URL_INVALID", message });
  });
}

test("the message never contains a password", () => {
  assert.throws(
    () => parseKeyspaceUrl("etcd://app:secret@h1:x"),
    (error) => !String(error).includes("secret") && String(error).includes("etcd://…@h1:x"),
  );
});

test("only the folder of a file: URL is resolved", () => {
  assert.equal(
    resolveKeyspaceUrl("file:./keyspace", "/etc/sidekick"),
    "file:/etc/sidekick/keyspace",
  );
  assert.equal(resolveKeyspaceUrl("file:/var/keyspace", "/etc/sidekick"), "file:/var/keyspace");
  for (const url of ["etcd://h1:2379", "memory:", "file:", "nonsense"]) {
    assert.equal(resolveKeyspaceUrl(url, "/etc"), url);
  }
});
