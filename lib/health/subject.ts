import { runAll } from "../base/signal.ts";
import { combine } from "./combine.ts";
import type { Check, CheckHealth, Health, Schedule, Thresholds } from "./contract.ts";
import { applyReading, untested } from "./judge.ts";
import type { Round, RoundsDeps, Triggered } from "./rounds.ts";
import { rounds } from "./rounds.ts";

/** A check and its schedule. */
export interface ScheduledCheck {
  readonly check: Check;
  readonly schedule: Schedule;
}

/** The health of a subject before the first probe: unknown, or what is known of each check already. */
export function initialHealth(
  checks: readonly ScheduledCheck[],
  nowMs: number,
  before: readonly (CheckHealth | undefined)[] = [],
): Health {
  const initial = checks.map(({ check: { title } }, i): CheckHealth => {
    const known = before[i];
    if (known !== undefined) return { ...known, title, against: 0 };
    return { ...untested, title, why: undefined, sinceMs: nowMs };
  });
  return healthOf(initial);
}

/**
 * Runs all checks of a subject on their schedules, and at once when triggered, from an initial health. Calls `onHealth` when
 * its health changes, but not after an abort.
 */
export async function runChecks(
  checks: readonly ScheduledCheck[],
  initial: Health,
  startWithinMs: number,
  triggered: Triggered,
  onHealth: (health: Health) => void,
  deps: RoundsDeps,
  signal: AbortSignal,
): Promise<void> {
  let all = initial.checks;
  const run = async (index: number, { check, schedule }: ScheduledCheck, s: AbortSignal) => {
    const { intervalMs } = schedule;
    const timing = { intervalMs, startWithinMs: Math.min(intervalMs, startWithinMs) };
    let current = all[index];
    if (current === undefined) throw new Error(`${check.title} has no initial health`);
    for await (const round of rounds(check, timing, triggered, deps, s)) {
      // The subject may have been replaced during the probe.
      s.throwIfAborted();
      const next = applyRound(current, round, schedule, deps.clock.now());
      if (next === current) continue;
      current = next;
      all = all.with(index, current);
      onHealth(healthOf(all));
    }
  };
  const [only, ...others] = checks;
  // Most subjects have one check, and there may be thousands of them: no scope of its own.
  if (only && others.length === 0) return await run(0, only, signal);
  await runAll(signal, ...checks.map((check, i) => (s: AbortSignal) => run(i, check, s)));
}

/**
 * The health of a check after one more round. Where there was a reason to doubt the subject, a refused connection confirms it:
 * that needs no `fall`.
 */
function applyRound(
  known: CheckHealth,
  { reading, trigger }: Round,
  thresholds: Thresholds,
  nowMs: number,
): CheckHealth {
  if (trigger === undefined || reading.ok !== false)
    return applyReading(known, reading, thresholds, nowMs);
  const explained = { ...reading, why: `${reading.why} (checked at once: ${trigger})` };
  const fall = reading.isRefused ? 1 : thresholds.fall;
  return applyReading(known, explained, { ...thresholds, fall }, nowMs);
}

function healthOf(checks: readonly CheckHealth[]): Health {
  return { verdict: combine(checks.map(({ verdict }) => verdict)), checks };
}
