import assert from "node:assert/strict";
import { test } from "node:test";
import { changedKeys, SharingMap } from "../../../lib/base/sharing-map.ts";

const mapOf = (values: Readonly<Record<string, number>>) => SharingMap.of(Object.entries(values));

/** A map of `count` keys, in several runs. */
const many = (count: number) =>
  SharingMap.of(Array.from({ length: count }, (_, i) => [String(i).padStart(6, "0"), i] as const));

test("it has all entries in key order, like any map", () => {
  const map = mapOf({ b: 2, a: 1, c: 3 });
  assert.deepEqual([...map], Object.entries({ a: 1, b: 2, c: 3 }));
  assert.deepEqual([...map.entries()], [...map]);
  assert.deepEqual([[...map.keys()].join(), [...map.values()].join()], ["a,b,c", "1,2,3"]);
  assert.deepEqual([map.size, map.get("b"), map.get("d")], [3, 2, undefined]);
  assert.deepEqual([map.has("c"), map.has("")], [true, false]);
  const visited: unknown[] = [];
  map.forEach((value, key, whole) => {
    visited.push([key, value, whole === map]);
  });
  assert.deepEqual(visited[2], ["c", 3, true]);
  assert.equal(SharingMap.of(map), map);
});

test("of several values for a key the last one counts, at creation and in a change", () => {
  const map = SharingMap.of([
    ["a", 1],
    ["a", 2],
  ]);
  assert.deepEqual([...map], [["a", 2]]);
  const again = map.with([
    ["a", undefined],
    ["a", 2],
  ]);
  assert.deepEqual([...again], [["a", 2]]);
});

test("a change yields a new map, and no change the same one", () => {
  const before = mapOf({ a: 1, b: 2 });
  const after = before.with(Object.entries({ a: undefined, b: 3, c: 4 }));
  assert.deepEqual([...after], Object.entries({ b: 3, c: 4 }));
  assert.deepEqual([...before], Object.entries({ a: 1, b: 2 }));
  assert.equal(before.with(Object.entries({ a: 1, nowhere: undefined })), before);
  assert.equal(before.with([]), before);
});

test("a change replaces one run of many and shares the rest", () => {
  const before = many(5000);
  assert.ok(before.runs.length > 5);
  const after = before.with([["002500", -1]]);
  assert.equal(after.runs.filter((run) => !before.runs.includes(run)).length, 1);
});

test("maps with nothing in common differ at every key; equal maps at none, shared or not", () => {
  assert.deepEqual(
    [...changedKeys(mapOf({ b: 1, d: 1 }), mapOf({ a: 1, c: 1 }))].join(),
    "a,b,c,d",
  );
  assert.deepEqual([...changedKeys(mapOf({}), mapOf({ a: 1 }))], ["a"]);
  assert.deepEqual([...changedKeys(mapOf({ a: 1 }), mapOf({}))], ["a"]);
  assert.deepEqual([...changedKeys(many(3000), many(3000))], []);
});

test("any series of changes yields the same entries as a Map, and all keys that differ are found", () => {
  let seed = 7;
  const random = (below: number) => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % below;
  };
  const plain = new Map<string, number>();
  let map = SharingMap.of<number>([]);
  for (let step = 0; step < 80; step += 1) {
    const [before, plainBefore] = [map, new Map(plain)];
    const changes = Array.from({ length: random(step % 3 ? 5 : 1500) }, () => {
      const value = random(3) > 0 ? random(5) : undefined;
      return [`k${random(6000)}`, value] as const;
    });
    for (const [key, value] of changes) {
      if (value === undefined) plain.delete(key);
      else plain.set(key, value);
    }
    map = map.with(changes);
    assert.deepEqual(
      [...map],
      [...plain].sort(([a], [b]) => (a < b ? -1 : 1)),
    );
    assert.equal(map.size, plain.size);
    assert.ok(map.runs.every(({ keys }) => keys.length > 0 && keys.length <= 512));
    const both = new Set([...plain.keys(), ...plainBefore.keys()]);
    const differing = [...both].filter((key) => plain.get(key) !== plainBefore.get(key)).sort();
    assert.deepEqual([...changedKeys(before, map)], differing);
    assert.deepEqual([...changedKeys(map, before)], differing);
  }
});
