import assert from "node:assert/strict";
import { test } from "node:test";
import type { Circumstances, Policy } from "../../../../lib/view/policies/contract.ts";
import { oneOf, seeded } from "../../../support/random.ts";
import { anyPool, instance, pool, several, shape, shareOf } from "./service.ts";

const zones = { label: "zone", value: "a", spill: 0.7, min: 2 };
const canary = { label: "version", value: "2", share: 0.05 };
const slowStart = { windowMs: 60_000, aggression: 1, min: 0.1 };

const [live, all] = [
  ({ weight }: { readonly weight: number }) => weight > 0,
  Array.from({ length: 300 }, (_, seed) => seed),
];

/** Any policies, and any circumstances for a service. */
function anyPolicy(random: () => number): Policy {
  return {
    ...(random() < 0.5 && { zones: { ...zones, min: oneOf([0, 1, 2, 5], random) } }),
    ...(random() < 0.5 && { subset: { min: oneOf([1, 3, 12], random) } }),
    ...(random() < 0.5 && { canary: { ...canary, share: oneOf([0.01, 0.05, 0.5, 0.9], random) } }),
    ...(random() < 0.5 && { slowStart }),
  };
}

function anyCircumstances(keys: readonly string[], random: () => number): Circumstances {
  const count = 1 + Math.floor(random() * 20);
  const place = { index: Math.floor(random() * count), count };
  const some = (share: number) => keys.filter(() => random() < share);
  const ramp = () => ({ share: 0.1 + 0.8 * random(), why: "slow start" });
  return {
    place: random() < 0.8 ? place : undefined,
    quarantined: new Set(some(0.1)),
    ramps: new Map(some(0.2).map((key) => [key, ramp()])),
  };
}

test("whatever the policies: weights are integers from 1 to 256, drained instances stay, and some instance takes requests", () => {
  for (const seed of all) {
    const random = seeded(seed);
    const [before, policy] = [anyPool(random), anyPolicy(random)];
    const keys = before.instances.map(({ key }) => key);
    const circumstances = anyCircumstances(keys, random);
    const usable = before.instances.filter(
      (one) => live(one) && !circumstances.quarantined.has(one.key),
    );
    if (usable.length === 0) continue;
    const { pool: after, weightings } = shape(before, policy, circumstances);
    const of = `seed ${seed}`;
    assert.deepEqual(
      after.instances.filter((one) => !live(one)).map(({ key }) => key),
      before.instances.filter((one) => !live(one)).map(({ key }) => key),
      of,
    );
    for (const { weight } of after.instances) {
      assert.ok(Number.isInteger(weight) && weight >= 0 && weight <= 256, `${of}: ${weight}`);
    }
    const taking = after.instances.filter(
      (one) => live(one) && !circumstances.quarantined.has(one.key),
    );
    assert.ok(taking.length > 0, of);
    assert.deepEqual([...weightings.keys()].sort(), usable.map(({ key }) => key).sort(), of);
    for (const { key, weight } of taking) assert.equal(weightings.get(key)?.weight, weight, of);
    assert.deepEqual(shape(before, policy, circumstances).pool, after, of);
  }
});

test("unchanged services and instances keep their identity", () => {
  const before = pool(...several(5, { zone: "a" }), ...several(5, { zone: "b" }, { from: 5 }));
  const first = shape(before, { zones });
  assert.equal(shape(before, { zones }, {}, first).pool, first.pool);
  // Another of the zone that gets nothing.
  const later = shape(
    pool(...before.instances, instance(20, { labels: { zone: "b" } })),
    { zones },
    {},
    first,
  );
  assert.notEqual(later.pool, first.pool);
  later.pool.instances.forEach((one, i) => {
    assert.equal(one, first.pool.instances[i]);
  });
});

test("the scale follows from the highest weight of the entries alone", () => {
  const scaled = (...weights: readonly number[]) =>
    shape(pool(...weights.map((weight, n) => instance(n, { weight }))), {
      slowStart,
    }).pool.instances.map(({ weight }) => weight);
  assert.deepEqual(scaled(1, 1, 0), [256, 256, 0]);
  assert.deepEqual(scaled(1, 2), [128, 256]);
  assert.deepEqual(scaled(3, 4), [192, 256]);
  assert.deepEqual(scaled(1, 100), [2, 200]);
  assert.deepEqual(scaled(1, 256), [1, 256]);
});

test("a new instance gets its part of what zones and canary leave it, and 1 at least", () => {
  const [ramp, low] = [
    { share: 0.1, why: "slow start 0s of 1m" },
    { share: 0.1, why: "new" },
  ];
  const two = pool(...several(2));
  const { pool: after, weightings } = shape(
    two,
    { slowStart },
    { ramps: new Map([["/services/web/i00001", ramp]]) },
  );
  assert.deepEqual(
    after.instances.map(({ weight }) => weight),
    [256, 26],
  );
  assert.deepEqual(weightings.get("/services/web/i00001"), {
    ...{ published: 1, full: 256, weight: 26 },
    why: "slow start 0s of 1m",
  });
  const small = pool(instance(0, { weight: 256 }), instance(1));
  const shaped = shape(small, { slowStart }, { ramps: new Map([["/services/web/i00001", low]]) });
  assert.equal(shaped.pool.instances[1]?.weight, 1);
});

test("a host name with several addresses has its weight at each of them", () => {
  const name = instance(0, { labels: { version: "2" } });
  const resolved = [name, { ...name, host: "10.9.9.9" }];
  const others = several(19, { version: "1" }, { from: 1 });
  const { pool: after } = shape(pool({ ...name, resolved }, ...others), { canary });
  const [first] = after.instances;
  assert.deepEqual(
    first?.resolved?.map(({ weight }) => weight),
    [first?.weight, first?.weight],
  );
  assert.equal(first?.extras?.weight, String(first?.weight));
  const rest = 19 * 256;
  assert.ok(Math.abs((2 * (first?.weight ?? 0)) / (2 * (first?.weight ?? 0) + rest) - 0.05) < 0.01);
});

test("a canary gets its share in each zone and in each subset", () => {
  const old = ["a", "b"].flatMap((zone, i) =>
    several(30, { zone, version: "1" }, { from: i * 30 }),
  );
  const fresh = several(6, { zone: "b", version: "2" }, { from: 60 });
  for (let index = 0; index < 7; index += 1) {
    const shaped = shape(
      pool(...old, ...fresh),
      { zones, subset: { min: 3 }, canary },
      { place: { index, count: 7 } },
    );
    const share = shareOf(shaped, ({ labels }) => labels.version === "2");
    assert.ok(Math.abs(share - 0.05) < 0.01, `${index}: ${share}`);
  }
});
