import type { Cell } from "../base/cell.ts";
import { type Clock, callAfter } from "../base/clock.ts";
import type { Reading } from "../model/verdict.ts";
import type { Check } from "./contract.ts";

/** When a check is probed. */
export interface RoundTiming {
  /** Milliseconds from the start of one round to the start of the next, ± 5 %. */
  readonly intervalMs: number;
  /** The first round starts after a random part of this many milliseconds, so that many checks do not start at once. */
  readonly startWithinMs: number;
}

export interface RoundsDeps {
  readonly clock: Clock;
  /** A number in [0, 1), so that many checks do not run in step. */
  readonly random: () => number;
}

/** Why the checks of a subject are to run at once: set for each trigger. */
export type Triggered = Pick<Cell<string | undefined>, "value" | "version" | "onNext">;

export interface Round {
  readonly reading: Reading;
  /** Why it started before its time; undefined if it did not. */
  readonly trigger: string | undefined;
}

/** Triggered rounds start at least this part of the interval apart, however many triggers there are. */
const triggeredShare = 0.25;

/**
 * Probes repeatedly, and at once when triggered: no round starts before the previous one has ended, and one that is triggered
 * meanwhile follows it. Ends only when `signal` aborts.
 */
export async function* rounds(
  check: Check,
  { intervalMs, startWithinMs }: RoundTiming,
  triggered: Triggered,
  { clock, random }: RoundsDeps,
  signal: AbortSignal,
): AsyncGenerator<Round, never> {
  let seen = triggered.version;
  let earliestMs = Number.NEGATIVE_INFINITY;
  let dueMs = clock.now() + random() * startWithinMs;
  for (;;) {
    const left = () => Math.max(0, dueMs - clock.now());
    if (triggered.version === seen) await sleepUnlessSet(triggered, left(), clock, signal);
    if (triggered.version > seen && left() > 0) {
      const waitMs = Math.max(0, earliestMs - clock.now());
      await clock.sleep(Math.min(left(), waitMs), signal);
    }
    const startedMs = clock.now();
    const trigger = triggered.version > seen ? triggered.value : undefined;
    seen = triggered.version;
    if (trigger !== undefined) earliestMs = startedMs + intervalMs * triggeredShare;
    yield { reading: await check.probe(signal), trigger };
    dueMs = startedMs + intervalMs * (0.95 + random() * 0.1);
  }
}

/** Waits so many milliseconds, or until the cell is set; rejects when `signal` aborts. */
function sleepUnlessSet(
  cell: Triggered,
  ms: number,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  // One promise and one listener, as for a sleep: thousands of checks wait at the same time.
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const end = () => {
      cancel();
      resolve();
    };
    const stop = () => {
      cancel();
      reject(signal.reason);
    };
    const cancels = [callAfter(clock, ms, end), cell.onNext(end)];
    const cancel = () => {
      for (const one of cancels) one();
      signal.removeEventListener("abort", stop);
    };
    signal.addEventListener("abort", stop, { once: true });
  });
}
