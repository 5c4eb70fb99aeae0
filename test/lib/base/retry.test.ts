import assert from "node:assert/strict";
import { test } from "node:test";
import { Fault } from "../../../lib/base/fault.ts";
import { delayMs, retry } from "../../../lib/base/retry.ts";
import { ManualClock } from "../../support/manual-clock.ts";

const backoff = { firstMs: 100, maxMs: 1000 };
const { signal: never } = new AbortController();
const away = () => new Fault("AWAY", true, "nobody answers");

const delays: readonly [failures: number, random: number, ms: number][] = [
  [1, 0, 50],
  [1, 1, 100],
  [2, 1, 200],
  [3, 0.5, 300],
  [5, 1, 1000],
  [2000, 1, 1000],
];

for (const [failures, random, ms] of delays) {
  test(`failure ${failures} at chance ${random} is followed by ${ms} ms`, () => {
    assert.equal(
      delayMs(failures, backoff, () => random),
      ms,
    );
  });
}

/** Work that fails as often as it is told; the times at which it was tried. */
function trying(clock: ManualClock, failures: number, progressAt = -1) {
  const tried: number[] = [];
  const told: number[] = [];
  const deps = { clock, random: () => 1, onFault: (_: Fault, ms: number) => told.push(ms) };
  const work = async (progress: () => void) => {
    tried.push(clock.now());
    if (tried.length === progressAt) progress();
    if (tried.length <= failures) throw away();
    return "done";
  };
  return { tried, told, deps, work };
}

test("work is tried again after each retryable fault, with growing waits", async () => {
  const clock = new ManualClock();
  const { tried, told, deps, work } = trying(clock, 5);
  const done = retry(work, backoff, deps, never);
  await clock.advance(10_000);
  assert.equal(await done, "done");
  assert.deepEqual(told, [100, 200, 400, 800, 1000]);
  assert.deepEqual(tried, [0, 100, 300, 700, 1500, 2500]);
});

test("progress makes the waits short again", async () => {
  const clock = new ManualClock();
  const { told, deps, work } = trying(clock, 4, 3);
  const done = retry(work, backoff, deps, never);
  await clock.advance(10_000);
  await done;
  assert.deepEqual(told, [100, 200, 100, 200]);
});

test("a fault that is not worth a retry, and a bug, are thrown at once", async () => {
  const deps = { clock: new ManualClock(), random: () => 1, onFault: () => assert.fail("told") };
  for (const error of [new Fault("DENIED", false, "no"), new TypeError("bug")]) {
    await assert.rejects(
      retry(() => Promise.reject(error), backoff, deps, never),
      error,
    );
  }
});

test("the end of the signal ends the wait, and the reason is what is thrown", async () => {
  const clock = new ManualClock();
  const { tried, deps, work } = trying(clock, 9);
  const ending = new AbortController();
  const rejected = assert.rejects(retry(work, backoff, deps, ending.signal), new Error("stop"));
  await clock.advance(150);
  ending.abort(new Error("stop"));
  await rejected;
  assert.equal(tried.length, 2);
});
