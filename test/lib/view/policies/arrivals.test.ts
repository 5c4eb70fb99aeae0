import assert from "node:assert/strict";
import { test } from "node:test";
import type { Endpoint } from "../../../../lib/model/pool.ts";
import { type Arrivals, arrive, firstArrivals } from "../../../../lib/view/policies/arrivals.ts";
import { nextStepMs, rampOf } from "../../../../lib/view/policies/slow-start.ts";
import { instance, several } from "./service.ts";

const windowMs = 60_000;

/** A service over time: which instances are new, by their numbers. */
function history(first: readonly Endpoint[]) {
  let [arrivals, nowMs] = [firstArrivals(first) as Arrivals, 0];
  return (afterMs: number, ...instances: readonly Endpoint[]) => {
    nowMs += afterMs;
    arrivals = arrive(arrivals, instances, windowMs, nowMs);
    return Array.from(arrivals.newSinceMs, ([key, ms]) => [Number(key.slice(-5)), ms]);
  };
}

test("an instance that comes is new for the window; the ones of the first look are not", () => {
  const at = history(several(3));
  assert.deepEqual(at(1000, ...several(4)), [[3, 1000]]);
  assert.deepEqual(at(59_000, ...several(4)), [[3, 1000]]);
  assert.deepEqual(at(1000, ...several(4)), []);
});

test("an instance that is back within 30 s is as new as it was, and new after that", () => {
  const at = history(several(4));
  at(1000, ...several(3));
  assert.deepEqual(at(29_000, ...several(4)), []);
  at(1000, ...several(3));
  assert.deepEqual(at(30_000, ...several(4)), [[3, 61_000]]);
  at(5000, ...several(3));
  assert.deepEqual(at(5000, ...several(4)), [[3, 61_000]]);
});

test("an instance that takes requests again after a drain of 30 s is new", () => {
  const at = history(several(4));
  const drained = instance(3, { weight: 0 });
  assert.deepEqual(at(0, ...several(3), drained), []);
  assert.deepEqual(at(30_000, ...several(4)), [[3, 30_000]]);
});

test("if more than half of a service is new, none of it is", () => {
  const at = history(several(2));
  assert.deepEqual(at(0, ...several(4)), [
    [2, 0],
    [3, 0],
  ]);
  assert.deepEqual(at(1000, ...several(5)), []);
  assert.deepEqual(at(1000, ...several(6)), [[5, 2000]]);
  assert.deepEqual(history([])(0, ...several(3)), []);
});

test("instances of an earlier process go on where they were", () => {
  const known = new Map([
    ["/services/web/i00001", -20_000],
    ["/services/web/i00009", -1000],
  ]);
  const { newSinceMs } = firstArrivals(several(3), known);
  assert.deepEqual([...newSinceMs], [["/services/web/i00001", -20_000]]);
});

test("the share grows by Envoy's formula, in steps of a twentieth of the window, and never falls", () => {
  const slowStart = { windowMs, aggression: 1, min: 0.1 };
  const shares = (more: Partial<typeof slowStart>) =>
    [0, 3000, 6000, 15_000, 30_000, 59_999, 60_000].map((ms) => {
      return rampOf({ ...slowStart, ...more }, 0, ms)?.share.toFixed(2);
    });
  assert.deepEqual(shares({}), ["0.10", "0.10", "0.10", "0.25", "0.50", "0.95", undefined]);
  assert.deepEqual(shares({ aggression: 2 })[3], "0.50");
  assert.deepEqual(shares({ min: 0.3 })[3], "0.30");
  let before = 0;
  for (let ms = 700; ms < 60_700; ms += 100) {
    const share = rampOf(slowStart, 700, ms)?.share ?? 1;
    assert.ok(share >= before);
    before = share;
  }
  assert.equal(nextStepMs(slowStart, 3000), 6000);
  assert.equal(nextStepMs({ ...slowStart, windowMs: 5000 }, 3500), 4000);
});
