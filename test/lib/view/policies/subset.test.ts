import assert from "node:assert/strict";
import { test } from "node:test";
import type { Endpoint } from "../../../../lib/model/pool.ts";
import { oneOf, seeded } from "../../../support/random.ts";
import { instance, pool, several, shape, shareOf } from "./service.ts";

const fleet = (count: number) => Array.from({ length: count }, (_, index) => ({ index, count }));

/** What every instance gets of all watchers together. */
function totals(instances: readonly Endpoint[], watchers: number, min: number) {
  const total = new Map(instances.map(({ key }) => [key, 0]));
  let [fewest, most] = [Number.POSITIVE_INFINITY, 0];
  for (const place of fleet(watchers)) {
    const shaped = shape(pool(...instances), { subset: { min } }, { place });
    fewest = Math.min(fewest, shaped.pool.instances.length);
    most = Math.max(most, shaped.pool.instances.length);
    for (const { key } of shaped.pool.instances) {
      total.set(key, (total.get(key) ?? 0) + shareOf(shaped, (one) => one.key === key));
    }
  }
  return { total: [...total.values()], fewest, most };
}

test("all watchers together use every instance alike, each at least min and few more", () => {
  for (const [watchers, count] of [
    [10, 100],
    [100, 100],
    [7, 31],
    [33, 14],
  ] as const) {
    const min = 12;
    const { total, fewest, most } = totals(several(count), watchers, min);
    const fair = watchers / count;
    for (const one of total) {
      assert.ok(
        Math.abs(one - fair) < 0.02 * fair + 0.01,
        `${watchers}/${count}: ${one} of ${fair}`,
      );
    }
    assert.ok(fewest >= min, `${watchers}/${count}: ${fewest}`);
    const needed = Math.max(min, count / watchers);
    assert.ok(most <= needed + Math.ceil(count / watchers) + 1, `${watchers}/${count}: ${most}`);
  }
});

test("instances get requests by their weights, also in subsets", () => {
  const random = seeded(7);
  const instances = Array.from({ length: 40 }, (_, n) =>
    instance(n, { weight: oneOf([2, 4, 8], random) }),
  );
  const whole = instances.reduce((all, { weight }) => all + weight, 0);
  const { total, fewest } = totals(instances, 8, 6);
  assert.ok(fewest >= 6);
  total.forEach((one, i) => {
    const fair = (8 * (instances[i]?.weight ?? 0)) / whole;
    assert.ok(Math.abs(one - fair) < 0.05 * fair + 0.01, `${one} of ${fair}`);
  });
});

test("all instances are used if there are no more than min that count, by a single watcher, and while the watchers are not known", () => {
  const used = (
    instances: readonly Endpoint[],
    place?: { readonly index: number; readonly count: number },
  ) => shape(pool(...instances), { subset: { min: 12 } }, { place }).pool.instances.length;
  assert.equal(used(several(12), { index: 0, count: 50 }), 12);
  assert.equal(used(several(100), { index: 0, count: 1 }), 100);
  assert.equal(used(several(100)), 100);
  const retained = several(50, {}, { from: 50, retained: true });
  assert.equal(used([...several(12), ...retained], { index: 0, count: 50 }), 62);
  assert.equal(used([...several(30), ...retained], { index: 3, count: 50 }) <= 14, true);
});

test("a watcher keeps most of its instances when one of them goes", () => {
  const of = (instances: readonly Endpoint[]) => {
    const { pool: after } = shape(
      pool(...instances),
      { subset: { min: 12 } },
      { place: { index: 4, count: 20 } },
    );
    return new Set(after.instances.map(({ key }) => key));
  };
  const before = of(several(100));
  const after = of(several(99));
  assert.ok(before.intersection(after).size >= before.size - 3);
});
