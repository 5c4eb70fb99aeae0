import type { Reading, Verdict } from "../model/verdict.ts";
import type { CheckHealth, Standing, Thresholds } from "./contract.ts";

/** Where every target starts: nothing has been read. */
export const untested: Standing = { verdict: "unknown", against: 0 };

/** Weighs one more reading. An untested target is settled by its first reading, good or bad. */
export function judge(standing: Standing, reading: Reading, { rise, fall }: Thresholds): Standing {
  const says: Verdict = reading.ok ? "up" : "down";
  const { verdict } = standing;
  if (verdict === "unknown" || verdict === says) return { verdict: says, against: 0 };
  const against = standing.against + 1;
  const needed = says === "up" ? rise : fall;
  return against >= needed ? { verdict: says, against: 0 } : { verdict, against };
}

/** What is known of a check after one more reading; the same object where that is nothing new. */
export function applyReading(
  known: CheckHealth,
  reading: Reading,
  thresholds: Thresholds,
  nowMs: number,
): CheckHealth {
  const { verdict, against } = judge(known, reading, thresholds);
  const why = reading.ok ? (verdict === "up" ? undefined : known.why) : reading.why;
  if (verdict === known.verdict && against === known.against && why === known.why) return known;
  const sinceMs = verdict === known.verdict ? known.sinceMs : nowMs;
  return { title: known.title, verdict, against, why, sinceMs };
}
