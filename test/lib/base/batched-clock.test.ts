import assert from "node:assert/strict";
import { test } from "node:test";
import { BatchedClock } from "../../../lib/base/batched-clock.ts";
import { never } from "../../../lib/base/signal.ts";
import { ManualClock } from "../../support/manual-clock.ts";

/** A manual clock that counts how often it wakes up, and the clock that batches it. */
function clocks() {
  class CountingClock extends ManualClock {
    wakes = 0;

    override async sleep(ms: number, signal: AbortSignal): Promise<void> {
      await super.sleep(ms, signal);
      this.wakes += 1;
    }
  }
  const manual = new CountingClock();
  return { manual, clock: new BatchedClock(manual) };
}

/** Records the time at which each of these sleeps ends. */
function ends(clock: BatchedClock, sleepsMs: readonly number[], signal = never): number[] {
  const endsMs: number[] = [];
  for (const ms of sleepsMs) {
    clock.sleep(ms, signal).then(
      () => endsMs.push(clock.now()),
      () => {},
    );
  }
  return endsMs;
}

test("sleeps that end within 10 ms of each other end together", async () => {
  const { manual, clock } = clocks();
  const endsMs = ends(clock, [1001, 1005, 1010, 1011, 500]);
  await manual.advance(2000);
  assert.deepEqual(endsMs, [500, 1010, 1010, 1010, 1020]);
  assert.equal(manual.wakes, 3);
});

test("a short sleep ends on time", async () => {
  const { manual, clock } = clocks();
  const endsMs = ends(clock, [7, 99]);
  await manual.advance(200);
  assert.deepEqual(endsMs, [7, 99]);
});

test("a sleep that begins during a longer one is not delayed by it", async () => {
  const { manual, clock } = clocks();
  const later = ends(clock, [5000]);
  await manual.advance(100);
  const sooner = ends(clock, [200]);
  await manual.advance(200);
  assert.deepEqual(sooner, [300]);
  await manual.advance(4700);
  assert.deepEqual(later, [5000]);
});

test("a sleep that is aborted rejects, and does not wake the process up", async () => {
  const { manual, clock } = clocks();
  const ending = new AbortController();
  const slept = assert.rejects(clock.sleep(300, ending.signal), /stopped/);
  const others = ends(clock, [700]);
  ending.abort(new Error("stopped"));
  await slept;
  await manual.advance(1000);
  assert.deepEqual(others, [700]);
  assert.equal(manual.wakes, 1);
  await assert.rejects(clock.sleep(300, ending.signal), /stopped/);
});

test("a call that is cancelled by another one of the same moment is not made", async () => {
  const { manual, clock } = clocks();
  const calls: string[] = [];
  clock.callAfter(200, () => {
    calls.push("first");
    cancel();
  });
  const cancel = clock.callAfter(200, () => calls.push("second"));
  await manual.advance(1000);
  assert.deepEqual(calls, ["first"]);
});
