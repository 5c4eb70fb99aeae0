import assert from "node:assert/strict";
import { test } from "node:test";
import { folderPathOf, isSystem, keyOf, pathOf } from "../../../../lib/keyspace/zookeeper/path.ts";

const valid: readonly (readonly [key: string, path: string])[] = [
  ["/web/10.0.0.1:80", "/web/10.0.0.1:80"],
  ["/web/größe ✓", "/web/größe ✓"],
  ["/web/.hidden", "/web/.hidden"],
  ["/web/100%", "/web/100%"],
  ["/web/%2F..%2F", "/web/%2F..%2F"],
  ["/web/🙂", "/web/%F0%9F%99%82"],
  ["/web/%F0%9F%99%82", "/web/%25F0%9F%99%82"],
  ["/web/%25F0%9F%99%82", "/web/%2525F0%9F%99%82"],
  ["/web/%25", "/web/%25"],
  ["/web/a\tb\0\x7f\x85", "/web/a%09b%00%7F%C2%85"],
  ["/web/%09", "/web/%2509"],
  ["/web/\u{e000}\u{f8ff}\u{fffd}", "/web/%EE%80%80%EF%A3%BF%EF%BF%BD"],
  ["/web/%🙂", "/web/%%F0%9F%99%82"],
];

for (const [key, path] of valid) {
  test(`${JSON.stringify(key)} is stored at ${path}, and read back from it`, () => {
    assert.equal(pathOf("/chroot", key), `/chroot${path}`);
    assert.equal(keyOf("/chroot", `/chroot${path}`), key);
  });
}

for (const key of ["", "web", "/", "/web/", "/web//a", "/web/./a", "/web/..", "/web/\ud83d"]) {
  test(`${JSON.stringify(key)} cannot be stored in ZooKeeper`, () => {
    assert.throws(() => pathOf("", key), { code: "KEYSPACE_ZOOKEEPER_KEY_INVALID" });
  });
}

test("the root folder is the chroot, or the root", () => {
  assert.equal(folderPathOf("", ""), "/");
  assert.equal(folderPathOf("/chroot", ""), "/chroot");
  assert.equal(folderPathOf("/chroot", "/web"), "/chroot/web");
});

test("the nodes of ZooKeeper itself are recognized", () => {
  assert.ok(isSystem("/zookeeper/quota"));
  assert.ok(!isSystem("/zookeepers"));
});
