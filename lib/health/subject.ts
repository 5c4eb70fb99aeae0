import { runAll } from "../base/signal.ts";
import { combine } from "./combine.ts";
import type { Check, CheckHealth, Health, Schedule } from "./contract.ts";
import { applyReading, untested } from "./judge.ts";
import type { RoundsDeps } from "./rounds.ts";
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

/** Runs all checks of a subject on their schedules, from an initial health. Calls `onHealth` when its health changes, but not after an abort. */
export async function runChecks(
  checks: readonly ScheduledCheck[],
  initial: Health,
  startWithinMs: number,
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
    for await (const reading of rounds(check, timing, deps, s)) {
      // The subject may have been replaced during the probe.
      s.throwIfAborted();
      const next = applyReading(current, reading, schedule, deps.clock.now());
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

function healthOf(checks: readonly CheckHealth[]): Health {
  return { verdict: combine(checks.map(({ verdict }) => verdict)), checks };
}
