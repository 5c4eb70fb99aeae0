import assert from "node:assert/strict";
import { test } from "node:test";
import type { Endpoint } from "../../../../lib/model/pool.ts";
import { pool, several, shape, shareOf } from "./service.ts";

const zones = { label: "zone", value: "a", spill: 0.7, min: 2 };
const inZone =
  (zone: string) =>
  ({ labels }: Endpoint) =>
    labels.zone === zone;

/** So many instances in each of the zones a, b and c. */
function counts(a: number, b: number, c: number, of: Partial<Endpoint> = {}): readonly Endpoint[] {
  return [
    ...several(a, { zone: "a" }, of),
    ...several(b, { zone: "b" }, { from: 100 }),
    ...several(c, { zone: "c" }, { from: 200 }),
  ];
}

/** The percentages of requests that the zones a, b and c get from a watcher in a. */
function shares(
  instances: readonly Endpoint[],
  more: Partial<typeof zones> = {},
  quarantined = new Set<string>(),
) {
  const shaped = shape(pool(...instances), { zones: { ...zones, ...more } }, { quarantined });
  return ["a", "b", "c"].map((zone) => Math.round(100 * shareOf(shaped, inZone(zone))));
}

test("no request leaves a zone with enough capacity", () => {
  assert.deepEqual(shares(counts(10, 10, 10)), [100, 0, 0]);
  // 7 of a fair part of 10 are 70 %.
  assert.deepEqual(shares(counts(7, 11, 12)), [100, 0, 0]);
});

test("of a zone with half of the instances a part spills over to the zones with more than their part", () => {
  // The fair part is 25/3: 5 of 70 % of it.
  const [a = 0, b, c] = shares(counts(5, 10, 10));
  assert.deepEqual([a, b, c], [86, 7, 7]);
  assert.deepEqual(shares(counts(5, 5, 20)), [71, 0, 29]);
});

test("a zone whose instances all drain is served by the others, and so is one whose instances are retained or quarantined", () => {
  const drained = counts(10, 10, 10, { weight: 0 });
  assert.deepEqual(shares(drained), [0, 50, 50]);
  const shaped = shape(pool(...drained), { zones });
  assert.equal(shaped.pool.instances.filter(inZone("a")).length, 10);
  assert.deepEqual(shares(counts(10, 10, 10, { retained: true }), { min: 0 }), [0, 50, 50]);
  const quarantined = new Set(several(10).map(({ key }) => key));
  const bad = shape(pool(...counts(10, 10, 10)), { zones: { ...zones, min: 0 } }, { quarantined });
  const kept = bad.pool.instances.filter(({ key }) => !quarantined.has(key));
  assert.deepEqual([kept.filter(inZone("b")).length, kept.filter(inZone("c")).length], [10, 10]);
});

test("half of a zone that drains does not count, and gets no requests", () => {
  const half = [
    ...several(5, { zone: "a" }, { weight: 0 }),
    ...several(5, { zone: "a" }, { from: 5 }),
  ];
  assert.deepEqual(shares([...half, ...counts(0, 10, 10)]), shares(counts(5, 10, 10)));
});

test("with fewer than min instances in the zone, all are used alike", () => {
  assert.deepEqual(shares(counts(1, 2, 2)), [20, 40, 40]);
  assert.deepEqual(shares(counts(1, 2, 2), { min: 1 }), [86, 7, 7]);
});

test("without any instance that counts, retained ones count", () => {
  const all = counts(3, 3, 3).map((one) => ({ ...one, retained: true as const }));
  assert.deepEqual(shares(all), [100, 0, 0]);
});

test("instances without the label are in a zone of their own", () => {
  assert.deepEqual(shares([...counts(4, 0, 0), ...several(4, {}, { from: 300 })]), [100, 0, 0]);
});

test("the more capacity a zone has, the more of its requests stay there", () => {
  let before = 0;
  for (let a = 0; a <= 20; a += 1) {
    const [share = 0] = shares(counts(a, 10, 10), { min: 0 });
    assert.ok(share >= before, `${a}: ${share} after ${before}`);
    before = share;
  }
  assert.equal(before, 100);
});

test("a small part goes to few of many instances", () => {
  // 3 of 70 % of 1003/3 stay.
  const [a = 0, b = 0] = shares(counts(3, 1000, 0), { spill: 0.01, min: 0 });
  assert.ok(a >= 59 && a <= 61, `${a} and ${b}`);
});

test("all zones together give every instance the same, where each has as many watchers as another", () => {
  const instances = counts(4, 8, 12);
  const total = new Map<string, number>();
  for (const value of ["a", "b", "c"]) {
    const shaped = shape(pool(...instances), { zones: { ...zones, value, spill: 1 } });
    for (const one of instances) {
      const share = shareOf(shaped, ({ key }) => key === one.key);
      total.set(one.key, (total.get(one.key) ?? 0) + share);
    }
  }
  for (const share of total.values()) assert.ok(Math.abs(share - 3 / 24) < 0.01, String(share));
});
