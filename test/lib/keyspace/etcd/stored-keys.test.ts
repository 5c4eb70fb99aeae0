import assert from "node:assert/strict";
import { test } from "node:test";
import type { IEvent, IKeyValue, IResponseHeader } from "etcd3";
import { ListedEvidence } from "../../../../lib/keyspace/etcd/listed-evidence.ts";
import { EtcdPosition } from "../../../../lib/keyspace/etcd/position.ts";
import { asTheyAre, withoutSlash } from "../../../../lib/keyspace/etcd/stored-keys.ts";

const cases: readonly (readonly [prefixes: string[], ranges: string[]])[] = [
  [["/web"], ["web", "web/…web0"]],
  [["web/"], ["web", "web/…web0"]],
  [["/"], ["\0…/", "0…\0"]],
  [
    ["/a/b", "/a", "/c"],
    ["a", "a/…a0", "c", "c/…c0"],
  ],
];

for (const [prefixes, ranges] of cases) {
  test(`${JSON.stringify(prefixes)} without slashes is ${JSON.stringify(ranges)}`, () => {
    const asked = withoutSlash
      .rangesOf(prefixes)
      .flatMap(({ itself, below }) => [
        ...(itself ? [String(itself.key)] : []),
        `${below.key}…${below.range_end}`,
      ]);
    assert.deepEqual(asked, ranges);
  });
}

test("a key is spelled as in etcd, with or without its slash", () => {
  for (const [keys, stored] of [
    [asTheyAre, "/services/web/a"],
    [withoutSlash, "services/web/a"],
  ] as const) {
    assert.equal(keys.storedOf("/services/web/a"), stored);
    assert.equal(keys.keyOf(stored), "/services/web/a");
  }
});

test("changes of a range without an end are known in that range", () => {
  const { witnesses, size } = new ListedEvidence();
  const header = (revision: string) =>
    ({ revision, raft_term: "2", cluster_id: "1" }) as IResponseHeader;
  const ranges = withoutSlash.rangesOf(["/"]).map(({ below }) => below);
  const listed = EtcdPosition.listed([""], ranges, { witnesses, size, header: header("5") });
  const changed = (key: string) => {
    const kv = { key: Buffer.from(key), value: Buffer.of(), mod_revision: "6", version: "1" };
    return listed.after([{ type: "Put", kv: kv as IKeyValue } as IEvent], header("6"));
  };
  const known = (key: string) => changed(key).ranges.map(({ revision }) => revision);
  assert.deepEqual(known("!"), [6n, 5n]);
  assert.deepEqual(known("zoo"), [5n, 6n]);
});
