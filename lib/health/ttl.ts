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
    rise: z.int().min(1).default(1).describe("Fresh looks in a row that bring it back up."),
    fall: z.int().min(1).default(1).describe("Stale looks in a row that take it down."),
    file: path.describe(
      "The file that the application touches or writes for as long as it is well.",
    ),
    within: positive("10s").describe("How long after that it still counts as well."),
  })
  .describe("Well is an application that touches a file again and again.");

export type TtlConfig = z.infer<typeof schema>;

/** Looks when a file was last touched. */
export function createTtlCheck(
  { file, within: withinMs, timeout: timeoutMs }: TtlConfig,
  _target: Target,
  { clock }: CheckDeps,
): Check {
  const limit = formatDuration(withinMs);
  const ageMs = ageOf(clock);
  const ask = async (signal: AbortSignal) => {
    const { mtimeMs } = await abortable(stat(file), signal);
    return ageMs(mtimeMs) > withinMs ? `${file} was not touched for more than ${limit}` : undefined;
  };
  return {
    title: `ttl ${file} within ${limit}`,
    probe: (signal) => attempt(ask, timeoutMs, clock, signal),
  };
}

/**
 * Tells how long ago a file was touched. The time of day is believed for the first look alone, and after that
 * no further than to the look before: it may be set, and a file may have a time that is yet to come.
 */
function ageOf(clock: Clock): (mtimeMs: number) => number {
  let known: { readonly mtimeMs: number; readonly touchedMs: number } | undefined;
  let lookedMs = Number.NEGATIVE_INFINITY;
  return (mtimeMs) => {
    const nowMs = clock.now();
    if (known?.mtimeMs !== mtimeMs) {
      const agoMs = Math.min(Math.max(0, Date.now() - mtimeMs), nowMs - lookedMs);
      known = { mtimeMs, touchedMs: nowMs - agoMs };
    }
    lookedMs = nowMs;
    return nowMs - known.touchedMs;
  };
}
