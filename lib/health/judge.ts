import type { Reading, Verdict } from "../model/verdict.ts";
import type { CheckHealth, Standing, Thresholds } from "./contract.ts";

/** The initial state of every target. */
export const untested: Standing = { verdict: "unknown", against: 0 };

/** The state after one more reading. The first reading settles the verdict, good or bad; an unknown one changes nothing. */
export function judge(standing: Standing, reading: Reading, { rise, fall }: Thresholds): Standing {
  if (reading.ok === undefined) return standing;
  const indicated: Verdict = reading.ok ? "up" : "down";
  const { verdict } = standing;
  if (verdict === "unknown" || verdict === indicated) return { verdict: indicated, against: 0 };
  const against = standing.against + 1;
  const threshold = indicated === "up" ? rise : fall;
  return against >= threshold ? { verdict: indicated, against: 0 } : { verdict, against };
}

/** The health of a check after one more reading; the same object if nothing has changed. */
export function applyReading(
  known: CheckHealth,
  reading: Reading,
  thresholds: Thresholds,
  nowMs: number,
): CheckHealth {
  if (reading.ok === undefined) return known;
  const { verdict, against } = judge(known, reading, thresholds);
  const why = reading.ok ? (verdict === "up" ? undefined : known.why) : reading.why;
  if (verdict === known.verdict && against === known.against && why === known.why) return known;
  const sinceMs = verdict === known.verdict ? known.sinceMs : nowMs;
  return { title: known.title, verdict, against, why, sinceMs };
}
