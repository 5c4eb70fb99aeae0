import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { Clock } from "../../../lib/base/clock.ts";
import { untilAborted } from "../../../lib/base/signal.ts";
import type { Check } from "../../../lib/health/contract.ts";
import { type RoundTiming, rounds } from "../../../lib/health/rounds.ts";
import { ManualClock } from "../../support/manual-clock.ts";

/** A check that takes `tookMs`, and records the time of each probe. */
function recording(clock: Clock, tookMs: number, probes: number[]): Check {
  return {
    title: "recording",
    async probe(signal) {
      probes.push(clock.now());
      await clock.sleep(tookMs, signal);
      return { ok: true, tookMs };
    },
  };
}

/** Probes until the test is over; returns the times of the probes. */
function probing(
  t: TestContext,
  clock: Clock,
  { timing, tookMs = 0, random }: { timing: RoundTiming; tookMs?: number; random: () => number },
): number[] {
  const probes: number[] = [];
  const ending = new AbortController();
  const deps = { clock, random };
  const run = async () => {
    for await (const reading of rounds(
      recording(clock, tookMs, probes),
      timing,
      deps,
      ending.signal,
    )) {
      assert.equal(reading.ok, true);
    }
  };
  const running = untilAborted(ending.signal, run());
  t.after(async () => {
    ending.abort();
    await running;
  });
  return probes;
}

test("the first round starts after a random part of the initial delay, the next after the interval", async (t) => {
  const clock = new ManualClock();
  const timing = { intervalMs: 1000, startWithinMs: 200 };
  const probes = probing(t, clock, { timing, random: () => 0.5 });
  await clock.advance(99);
  assert.deepEqual(probes, []);
  await clock.advance(1);
  assert.deepEqual(probes, [100]);
  await clock.advance(2500);
  assert.deepEqual(probes, [100, 1100, 2100]);
});

test("an interval is at random up to 5 % longer or shorter", async (t) => {
  const clock = new ManualClock();
  const chances = [0, 0, 1, 0.25];
  const timing = { intervalMs: 1000, startWithinMs: 200 };
  const probes = probing(t, clock, { timing, random: () => chances.shift() ?? 0.5 });
  await clock.advance(4000);
  assert.deepEqual(probes.map(Math.round), [0, 950, 2000, 2975, 3975]);
});

test("the duration of a probe does not delay the next round", async (t) => {
  const clock = new ManualClock();
  const timing = { intervalMs: 1000, startWithinMs: 0 };
  const probes = probing(t, clock, { timing, tookMs: 400, random: () => 0.5 });
  await clock.advance(2000);
  assert.deepEqual(probes, [0, 1000, 2000]);
});

test("a round starts only after the previous one has ended", async (t) => {
  const clock = new ManualClock();
  const timing = { intervalMs: 1000, startWithinMs: 0 };
  const probes = probing(t, clock, { timing, tookMs: 1500, random: () => 0.5 });
  await clock.advance(3100);
  assert.deepEqual(probes, [0, 1500, 3000]);
});
