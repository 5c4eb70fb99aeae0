import { stat } from "node:fs/promises";
import { z } from "zod";
import type { Clock } from "../base/clock.ts";
import { formatDuration } from "../base/duration.ts";
import { path } from "../base/schema.ts";
import { abortable } from "../base/signal.ts";
import { attempt } from "./attempt.ts";
import type { Check, CheckDeps, Target } from "./contract.ts";
import { fields, positive } from "./fields.ts";

const { interval, timeout } = fields;

export const schema = z
  .strictObject({
    type: z.literal("ttl"),
    interval,
    timeout,
    rise: z.int().min(1).default(1).describe("Consecutive successes to be healthy again."),
    fall: z.int().min(1).default(1).describe("Consecutive failures to be unhealthy."),
    file: path.describe(
      "The file that the application touches or writes as long as it is healthy.",
    ),
    within: positive("10s").describe("How long it stays healthy after the file was touched."),
  })
  .describe("Healthy if the application has touched a file recently.");

export type TtlConfig = z.infer<typeof schema>;

/** Checks when a file was last touched. */
export function createTtlCheck(
  { file, within: withinMs, timeout: timeoutMs }: TtlConfig,
  _target: Target,
  { clock }: CheckDeps,
): Check {
  const limit = formatDuration(withinMs);
  const ageMs = ageOf(clock);
  const probe = async (signal: AbortSignal) => {
    const { mtimeMs } = await abortable(stat(file), signal);
    return ageMs(mtimeMs) > withinMs ? `${file} was not touched for more than ${limit}` : undefined;
  };
  return {
    title: `ttl ${file} within ${limit}`,
    probe: (signal) => attempt(probe, timeoutMs, clock, signal),
  };
}

/**
 * Determines how long ago a file was touched, in milliseconds, from its changes on the monotonic clock: the time of day
 * may be set, and a file may have a time in the future. The time of day counts for the first call only, and after that
 * for no longer than since the previous call.
 */
function ageOf(clock: Clock): (mtimeMs: number) => number {
  let last: { readonly mtimeMs: number; readonly touchedMs: number } | undefined;
  let previousMs = Number.NEGATIVE_INFINITY;
  return (mtimeMs) => {
    const nowMs = clock.now();
    if (last?.mtimeMs !== mtimeMs) {
      const agoMs = Math.min(Math.max(0, Date.now() - mtimeMs), nowMs - previousMs);
      last = { mtimeMs, touchedMs: nowMs - agoMs };
    }
    previousMs = nowMs;
    return nowMs - last.touchedMs;
  };
}
