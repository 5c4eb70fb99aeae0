import { runAll } from "../base/signal.ts";
import { combine } from "./combine.ts";
import type { Check, CheckHealth, Health, Schedule } from "./contract.ts";
import { applyReading, untested } from "./judge.ts";
import type { RoundsDeps } from "./rounds.ts";
import { rounds } from "./rounds.ts";

/** A check, and when to ask it. */
export interface ScheduledCheck {
  readonly check: Check;
  readonly schedule: Schedule;
}

/** What is known of a subject before any of its checks was asked. */
export function initialHealth(checks: readonly ScheduledCheck[], nowMs: number): Health {
  return healthOf(checks.map(({ check }) => initialCheckHealth(check, nowMs)));
}

/**
 * Asks all checks of one subject, each at its own pace, and tells its health whenever that is news; nothing
 * once `signal` has aborted.
 */
export async function runChecks(
  checks: readonly ScheduledCheck[],
  startWithinMs: number,
  tell: (health: Health) => void,
  deps: RoundsDeps,
  signal: AbortSignal,
): Promise<void> {
  let all = initialHealth(checks, deps.clock.now()).checks;
  const ask = async (at: number, { check, schedule }: ScheduledCheck, s: AbortSignal) => {
    const { intervalMs } = schedule;
    const pace = { intervalMs, startWithinMs: Math.min(intervalMs, startWithinMs) };
    let known = initialCheckHealth(check, deps.clock.now());
    for await (const reading of rounds(check, pace, deps, s)) {
      // Another subject may have taken the place of this one.
      s.throwIfAborted();
      const learned = applyReading(known, reading, schedule, deps.clock.now());
      if (learned === known) continue;
      known = learned;
      all = all.with(at, known);
      tell(healthOf(all));
    }
  };
  const asking = checks.map((one, at) => (s: AbortSignal) => ask(at, one, s));
  await runAll(signal, ...asking);
}

function initialCheckHealth({ title }: Check, nowMs: number): CheckHealth {
  return { ...untested, title, why: undefined, sinceMs: nowMs };
}

function healthOf(checks: readonly CheckHealth[]): Health {
  return { verdict: combine(checks.map(({ verdict }) => verdict)), checks };
}
