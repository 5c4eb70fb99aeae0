import { isDeepStrictEqual } from "node:util";
import { type Cell, untilAny } from "../../lib/base/cell.ts";
import type { Clock } from "../../lib/base/clock.ts";
import { withTimeout } from "../../lib/base/timeout.ts";
import type { Draining, Requested, Weights } from "../../lib/presence/contract.ts";
import { nextDeadlineMs } from "../../lib/presence/drain.ts";
import type { SaveAttempt } from "./requested.ts";

/** How long a disk that hangs delays drains and weights at the most, in milliseconds. */
const saveLimitMs = 10_000;

/** The part of a drain's time in which it may be saved; the rest is for the requests that are under way. */
const saveShare = 0.5;

interface Cells {
  /** All drains. */
  readonly draining: Cell<Draining>;
  /** The drains that were requested. */
  readonly requested: Cell<Draining>;
  readonly weights: Cell<Weights>;
  /** The last attempt to save the requested ones. */
  readonly attempt: Cell<SaveAttempt>;
  /** The drains and weights with which instances are registered. */
  readonly applied: Cell<Requested>;
}

/**
 * Applies drains and weights once the requested ones are saved: otherwise an agent that is killed in between would forget
 * what watchers have seen. While they cannot be saved, which is reported, they are applied at once; they do not wait longer
 * than 10 s, nor than half of the time until the next drain ends.
 */
export async function applyRequested(
  { draining, requested, weights, attempt, applied }: Cells,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const isNew = () =>
    draining.value !== applied.value.draining || weights.value !== applied.value.weights;
  let next = applied.value;
  const isSaved = () => {
    next = { draining: draining.value, weights: weights.value };
    const saved = attempt.value;
    const toSave = { draining: requested.value, weights: weights.value };
    return saved.hasFailed || isDeepStrictEqual(saved.requested, toSave);
  };
  const limitMs = () => {
    const nowMs = clock.now();
    const deadlineMs = nextDeadlineMs(draining.value, nowMs) ?? Number.POSITIVE_INFINITY;
    return Math.min(saveLimitMs, saveShare * (deadlineMs - nowMs));
  };
  const untilSaved = (s: AbortSignal) => untilAny([attempt, draining, weights], isSaved, s);
  for (;;) {
    await untilAny([draining, weights], isNew, signal);
    if (!isSaved()) await withTimeout(limitMs(), untilSaved, () => {}, clock, signal);
    applied.set(next);
  }
}
