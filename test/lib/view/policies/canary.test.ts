import assert from "node:assert/strict";
import { test } from "node:test";
import type { Endpoint } from "../../../../lib/model/pool.ts";
import { pool, several, shape, shareOf } from "./service.ts";

const canary = { label: "version", value: "2", share: 0.05 };
const isNew = ({ labels }: Endpoint) => labels.version === "2";

function made(fresh: number, old: number, more: Partial<Endpoint> = {}) {
  return pool(
    ...several(fresh, { version: "2" }, more),
    ...several(old, { version: "1" }, { from: 10_000 }),
  );
}

test("the canaries get their share within 1 %, however many there are of both", () => {
  for (const share of [0.01, 0.05, 0.1, 0.5, 0.95]) {
    for (const [fresh, old] of [
      ...([
        [1, 1],
        [1, 3],
        [1, 100],
        [3, 7],
      ] as const),
      ...([
        [10, 10],
        [50, 100],
        [100, 1],
        [1000, 10],
      ] as const),
    ]) {
      const found = shareOf(shape(made(fresh, old), { canary: { ...canary, share } }), isNew);
      assert.ok(Math.abs(found - share) < 0.01, `${fresh}:${old} at ${share}: ${found}`);
    }
  }
});

test("either are alone if the others are missing, drain or are quarantined", () => {
  assert.equal(shareOf(shape(made(0, 4), { canary }), isNew), 0);
  assert.equal(shareOf(shape(made(4, 0), { canary }), isNew), 1);
  assert.equal(shareOf(shape(made(2, 4, { weight: 0 }), { canary }), isNew), 0);
  const quarantined = new Set(several(2).map(({ key }) => key));
  const { pool: after } = shape(made(2, 4), { canary }, { quarantined });
  assert.equal(after.instances.filter((one) => !isNew(one) && one.weight === 256).length, 4);
  assert.equal(shareOf(shape(made(2, 4, { retained: true }), { canary }), isNew), 0);
});

test("the weights of the others do not change with the number of canaries", () => {
  const others = (fresh: number) =>
    shape(made(fresh, 20), { canary }).pool.instances.filter((one) => !isNew(one));
  assert.deepEqual(others(2), others(5));
});
