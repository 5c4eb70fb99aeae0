import assert from "node:assert/strict";
import { test } from "node:test";
import { Fault } from "../../../lib/base/fault.ts";
import { delayMs, retry } from "../../../lib/base/retry.ts";
import { never } from "../../../lib/base/signal.ts";
import { ManualClock } from "../../support/manual-clock.ts";

const backoff = { firstMs: 100, maxMs: 1000 };
const unreachable = () => new Fault("UNREACHABLE", true, "no answer");

const delays: readonly [failures: number, random: number, ms: number][] = [
  [1, 0, 50],
  [1, 1, 100],
  [2, 1, 200],
  [3, 0.5, 300],
  [5, 1, 1000],
  [2000, 1, 1000],
];

for (const [failures, random, ms] of delays) {
  test(`failure ${failures} with random number ${random} is followed by a delay of ${ms} ms`, () => {
    assert.equal(
      delayMs(failures, backoff, () => random),
      ms,
    );
  });
}

/** Work that fails a number of times; records the time of each attempt and the reported delays. */
function failing(clock: ManualClock, failures: number, progressAt = -1) {
  const attempts: number[] = [];
  const delays: number[] = [];
  const deps = { clock, random: () => 1, onFault: (_: Fault, ms: number) => delays.push(ms) };
  const work = async (progress: () => void) => {
    attempts.push(clock.now());
    if (attempts.length === progressAt) progress();
    if (attempts.length <= failures) throw unreachable();
    return "done";
  };
  return { attempts, delays, deps, work };
}

test("work is retried after each retryable fault, with growing delays", async () => {
  const clock = new ManualClock();
  const { attempts, delays, deps, work } = failing(clock, 5);
  const done = retry(work, backoff, deps, never);
  await clock.advance(10_000);
  assert.equal(await done, "done");
  assert.deepEqual(delays, [100, 200, 400, 800, 1000]);
  assert.deepEqual(attempts, [0, 100, 300, 700, 1500, 2500]);
});

test("progress resets the delay", async () => {
  const clock = new ManualClock();
  const { delays, deps, work } = failing(clock, 4, 3);
  const done = retry(work, backoff, deps, never);
  await clock.advance(10_000);
  await done;
  assert.deepEqual(delays, [100, 200, 100, 200]);
});

test("a fault without retry and a bug are thrown at once", async () => {
  const deps = {
    clock: new ManualClock(),
    random: () => 1,
    onFault: () => assert.fail("reported"),
  };
  for (const error of [new Fault("DENIED", false, "no"), new TypeError("bug")]) {
    await assert.rejects(
      retry(() => Promise.reject(error), backoff, deps, never),
      error,
    );
  }
});

test("an abort ends the delay and rejects with its reason", async () => {
  const clock = new ManualClock();
  const { attempts, deps, work } = failing(clock, 9);
  const ending = new AbortController();
  const rejected = assert.rejects(retry(work, backoff, deps, ending.signal), new Error("stop"));
  await clock.advance(150);
  ending.abort(new Error("stop"));
  await rejected;
  assert.equal(attempts.length, 2);
});
