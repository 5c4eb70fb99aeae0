import { setImmediate as immediate } from "node:timers/promises";
import type { Clock } from "./clock.ts";

/** Resolves after timers and input that are due had their turn, so that a burst of changes is one. */
export async function nextTurn(signal: AbortSignal): Promise<void> {
  await immediate();
  signal.throwIfAborted();
}

/** Milliseconds of work after which timers and input get their turn. */
const sliceMs = 10;

/**
 * Takes all steps of some work, in slices of some milliseconds, so that thousands of steps do not delay the rest of the
 * process. A generator yields after each step. Rejects when `signal` aborts between two slices.
 */
export async function runInSlices(
  steps: Iterable<unknown>,
  clock: Pick<Clock, "now">,
  signal: AbortSignal,
): Promise<void> {
  let endMs = clock.now() + sliceMs;
  for (const _ of steps) {
    if (clock.now() < endMs) continue;
    await nextTurn(signal);
    endMs = clock.now() + sliceMs;
  }
}
