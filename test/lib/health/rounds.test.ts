import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { Clock } from "../../../lib/base/clock.ts";
import { untilAborted } from "../../../lib/base/signal.ts";
import type { Check } from "../../../lib/health/contract.ts";
import { type RoundTiming, rounds } from "../../../lib/health/rounds.ts";
import { ManualClock } from "../../support/manual-clock.ts";

/** A check that takes its time, and notes when it was asked. */
function noting(clock: Clock, tookMs: number, asked: number[]): Check {
  return {
    title: "noting",
    async probe(signal) {
      asked.push(clock.now());
      await clock.sleep(tookMs, signal);
      return { ok: true, tookMs };
    },
  };
}

/** Asks until the test is over; returns the times at which the check was asked. */
function asking(
  t: TestContext,
  clock: Clock,
  { pace, tookMs = 0, random }: { pace: RoundTiming; tookMs?: number; random: () => number },
): number[] {
  const asked: number[] = [];
  const ending = new AbortController();
  const deps = { clock, random };
  const run = async () => {
    for await (const reading of rounds(noting(clock, tookMs, asked), pace, deps, ending.signal)) {
      assert.equal(reading.ok, true);
    }
  };
  const running = untilAborted(ending.signal, run());
  t.after(async () => {
    ending.abort();
    await running;
  });
  return asked;
}

test("the first round comes after a random part of the start, the next after the interval", async (t) => {
  const clock = new ManualClock();
  const pace = { intervalMs: 1000, startWithinMs: 200 };
  const asked = asking(t, clock, { pace, random: () => 0.5 });
  await clock.advance(99);
  assert.deepEqual(asked, []);
  await clock.advance(1);
  assert.deepEqual(asked, [100]);
  await clock.advance(2500);
  assert.deepEqual(asked, [100, 1100, 2100]);
});

test("an interval is 5 % longer or shorter by chance", async (t) => {
  const clock = new ManualClock();
  const chances = [0, 0, 1, 0.25];
  const pace = { intervalMs: 1000, startWithinMs: 200 };
  const asked = asking(t, clock, { pace, random: () => chances.shift() ?? 0.5 });
  await clock.advance(4000);
  assert.deepEqual(asked.map(Math.round), [0, 950, 2000, 2975, 3975]);
});

test("how long an answer takes does not put off the next round", async (t) => {
  const clock = new ManualClock();
  const pace = { intervalMs: 1000, startWithinMs: 0 };
  const asked = asking(t, clock, { pace, tookMs: 400, random: () => 0.5 });
  await clock.advance(2000);
  assert.deepEqual(asked, [0, 1000, 2000]);
});

test("a round starts only when the last one has ended", async (t) => {
  const clock = new ManualClock();
  const pace = { intervalMs: 1000, startWithinMs: 0 };
  const asked = asking(t, clock, { pace, tookMs: 1500, random: () => 0.5 });
  await clock.advance(3100);
  assert.deepEqual(asked, [0, 1500, 3000]);
});
