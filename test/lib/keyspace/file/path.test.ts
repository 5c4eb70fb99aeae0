import assert from "node:assert/strict";
import { test } from "node:test";
import { keyOf, pathOf } from "../../../../lib/keyspace/file/path.ts";

const names: readonly (readonly [key: string, path: string])[] = [
  ["/services/web/10.0.0.1:80", "/k/services/web/10.0.0.1:80"],
  ["/a", "/k/a"],
  ["/100%", "/k/100%25"],
  ["/%25", "/k/%2525"],
  ["/%2E", "/k/%252E"],
  ["/.hidden", "/k/%2Ehidden"],
  ["/a/../b", "/k/a/%2E./b"],
  ["/./b", "/k/%2E/b"],
  ["/a.b", "/k/a.b"],
  ["/with space/ünï ✓", "/k/with space/ünï ✓"],
];

test("a key has one path, and the path that key", () => {
  for (const [key, path] of names) {
    assert.equal(pathOf("/k", key), path);
    assert.equal(keyOf("/k", path), key);
  }
});

test("a path that pathOf cannot return is not a key", () => {
  for (const path of ["/k/.a", "/k/a/.b/c", "/k/50%", "/k/a%2Eb", "/k/%2e", "/elsewhere", "/"]) {
    assert.equal(keyOf("/k", path), undefined, path);
  }
  assert.equal(keyOf("/k", "/k"), "");
});

test("an invalid key is rejected with a reason", () => {
  const invalid: readonly (readonly [key: string, why: RegExp])[] = [
    ["", /does not begin with a slash/],
    ["web", /does not begin with a slash/],
    ["/", /empty segment/],
    ["/web/", /empty segment/],
    ["/web//a", /empty segment/],
    ["/a\0b", /NUL character or half of a surrogate pair/],
    ["/\ud800", /NUL character or half of a surrogate pair/],
    [`/web/${"ü".repeat(119)}`, /longer than 237 bytes/],
  ];
  for (const [key, why] of invalid) {
    assert.throws(() => pathOf("/k", key), {
      code: "KEYSPACE_FILE_KEY_INVALID",
      retry: false,
      message: why,
    });
  }
  assert.ok(pathOf("/k", `/web/${"ü".repeat(118)}`));
});
