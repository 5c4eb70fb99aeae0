import type { Clock } from "../base/clock.ts";
import type { Reading } from "../model/verdict.ts";
import type { Check } from "./contract.ts";

/** When a check is asked. */
export interface RoundTiming {
  /** From the start of one round to the start of the next, give or take 5 %. */
  readonly intervalMs: number;
  /** The first round starts after a random part of this, so that many checks do not ask all at once. */
  readonly startWithinMs: number;
}

/** Time, and a number in [0, 1) that keeps many checks from falling into step. */
export interface RoundsDeps {
  readonly clock: Clock;
  readonly random: () => number;
}

/** Asks again and again; no round starts before the last one has ended. Ends only when `signal` aborts. */
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
