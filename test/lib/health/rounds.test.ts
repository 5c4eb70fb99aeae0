import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { Cell } from "../../../lib/base/cell.ts";
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
  {
    timing,
    tookMs = 0,
    random,
    triggered = new Cell<string | undefined>(undefined),
    reasons = [],
  }: {
    timing: RoundTiming;
    tookMs?: number;
    random: () => number;
    triggered?: Cell<string | undefined>;
    /** Receives the reasons of the triggered rounds. */
    reasons?: string[];
  },
): number[] {
  const probes: number[] = [];
  const ending = new AbortController();
  const deps = { clock, random };
  const run = async () => {
    const check = recording(clock, tookMs, probes);
    for await (const { reading, trigger } of rounds(
      check,
      timing,
      triggered,
      deps,
      ending.signal,
    )) {
      assert.equal(reading.ok, true);
      if (trigger !== undefined) reasons.push(trigger);
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

test("a triggered round starts at once, and the next one an interval after it", async (t) => {
  const clock = new ManualClock();
  const [triggered, reasons] = [new Cell<string | undefined>(undefined), [] as string[]];
  const timing = { intervalMs: 1000, startWithinMs: 0 };
  const probes = probing(t, clock, { timing, random: () => 0.5, triggered, reasons });
  await clock.advance(300);
  triggered.set("in doubt");
  await clock.advance(0);
  assert.deepEqual(probes, [0, 300]);
  await clock.advance(1500);
  assert.deepEqual(probes, [0, 300, 1300]);
  assert.deepEqual(reasons, ["in doubt"]);
});

test("a round that is triggered during a probe follows it, once", async (t) => {
  const clock = new ManualClock();
  const [triggered, reasons] = [new Cell<string | undefined>(undefined), [] as string[]];
  const timing = { intervalMs: 1000, startWithinMs: 0 };
  const probes = probing(t, clock, { timing, tookMs: 200, random: () => 0.5, triggered, reasons });
  await clock.advance(100);
  triggered.set("first");
  triggered.set("second");
  await clock.advance(1000);
  assert.deepEqual(probes, [0, 200]);
  assert.deepEqual(reasons, ["second"]);
});

test("triggered rounds start a quarter of the interval apart, and regular ones are not delayed by triggers", async (t) => {
  const clock = new ManualClock();
  const triggered = new Cell<string | undefined>(undefined);
  const timing = { intervalMs: 1000, startWithinMs: 0 };
  const probes = probing(t, clock, { timing, random: () => 0.5, triggered });
  for (let i = 0; i < 100; i += 1) {
    await clock.advance(10);
    triggered.set("again");
  }
  await clock.advance(10);
  assert.deepEqual(probes, [0, 10, 260, 510, 760, 1010]);
});
