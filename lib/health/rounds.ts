import type { Clock } from "../base/clock.ts";
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

/** Probes repeatedly; no round starts before the previous one has ended. Ends only when `signal` aborts. */
export async function* rounds(
  check: Check,
  { intervalMs, startWithinMs }: RoundTiming,
  { clock, random }: RoundsDeps,
  signal: AbortSignal,
): AsyncGenerator<Reading, never> {
  await clock.sleep(random() * startWithinMs, signal);
  for (;;) {
    const startedMs = clock.now();
    yield await check.probe(signal);
    const periodMs = intervalMs * (0.95 + random() * 0.1);
    await clock.sleep(Math.max(0, startedMs + periodMs - clock.now()), signal);
  }
}
