import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { applyRequested } from "../../../agents/presence/apply-requested.ts";
import { nothingRequested, type SaveAttempt } from "../../../agents/presence/requested.ts";
import { Cell } from "../../../lib/base/cell.ts";
import { untilAborted } from "../../../lib/base/signal.ts";
import type { Draining, DrainReason } from "../../../lib/presence/contract.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { atEnd } from "../../support/process.ts";

/** The step alone: the test saves, in any order and as late as it likes. */
function scene(t: TestContext) {
  const [clock, ending] = [new ManualClock(), new AbortController()];
  const cells = {
    draining: new Cell(nothingRequested.draining),
    requested: new Cell(nothingRequested.draining),
    weights: new Cell(nothingRequested.weights),
    attempt: new Cell<SaveAttempt>({ requested: nothingRequested, hasFailed: false }),
    applied: new Cell(nothingRequested),
  };
  const ended = untilAborted(ending.signal, applyRequested(cells, clock, ending.signal));
  atEnd(t, async () => {
    ending.abort();
    await ended;
  });
  const set = async (draining: Draining, requested: Draining) => {
    cells.draining.set(draining);
    cells.requested.set(requested);
    await clock.advance(0);
  };
  return {
    ...{ cells, clock },
    drain: (...names: readonly string[]) => set(drains("request", names), drains("request", names)),
    drainFor: (ms: number) =>
      set(drains("request", ["web/1"], ms), drains("request", ["web/1"], ms)),
    stop: (...names: readonly string[]) => set(drains("stop", names), cells.requested.value),
    weigh: async (weight: number) => {
      cells.weights.set(new Map([["web/1", { weight, sinceMs: 0 }]]));
      await clock.advance(0);
    },
    saved: async (hasFailed = false) => {
      const requested = { draining: cells.requested.value, weights: cells.weights.value };
      cells.attempt.set({ requested, hasFailed });
      await clock.advance(0);
    },
    applied: () => [
      [...cells.applied.value.draining.keys()],
      Array.from(cells.applied.value.weights.values(), ({ weight }) => weight),
    ],
  };
}

function drains(reason: DrainReason, names: readonly string[], untilMs = 60_000): Draining {
  return new Map(names.map((name) => [name, { reason, sinceMs: 0, untilMs }]));
}

test("drains and weights apply once they are saved, the last ones alone", async (t) => {
  const { drain, weigh, saved, applied, cells } = scene(t);
  await drain("web/1");
  assert.deepEqual(applied(), [[], []]);
  const first = { draining: cells.requested.value, weights: cells.weights.value };
  await weigh(5);
  cells.attempt.set({ requested: first, hasFailed: false });
  assert.deepEqual(applied(), [[], []], "the weight is not saved yet");
  await saved();
  assert.deepEqual(applied(), [["web/1"], [5]]);
  await drain();
  assert.deepEqual(applied(), [["web/1"], [5]]);
  await saved();
  assert.deepEqual(applied(), [[], [5]]);
});

test("a request that is taken back while it is saved is not answered before that is saved, too", async (t) => {
  const { drain, saved, cells } = scene(t);
  await drain("web/1");
  cells.attempt.set({ requested: undefined, hasFailed: false });
  await drain();
  assert.notEqual(cells.applied.value.draining, cells.draining.value);
  await saved();
  assert.equal(cells.applied.value.draining, cells.draining.value);
});

test("drains that were not requested apply at once", async (t) => {
  const { stop, applied } = scene(t);
  await stop("web/1");
  assert.deepEqual(applied(), [["web/1"], []]);
});

test("while requests cannot be saved, they apply at once", async (t) => {
  const { drain, weigh, saved, applied } = scene(t);
  await drain("web/1");
  await saved(true);
  assert.deepEqual(applied(), [["web/1"], []]);
  await weigh(5);
  assert.deepEqual(applied(), [["web/1"], [5]]);
});

test("a disk that hangs leaves a drain half of its time", async (t) => {
  const { drainFor, applied, clock } = scene(t);
  await drainFor(3000);
  await clock.advance(1499);
  assert.deepEqual(applied(), [[], []]);
  await clock.advance(1);
  assert.deepEqual(applied(), [["web/1"], []]);
});

test("a disk that hangs delays them for a limited time", async (t) => {
  const { drain, applied, clock } = scene(t);
  await drain("web/1");
  await clock.advance(9999);
  assert.deepEqual(applied(), [[], []]);
  await clock.advance(1);
  assert.deepEqual(applied(), [["web/1"], []]);
});
