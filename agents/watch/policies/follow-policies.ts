import { untilAny } from "../../../lib/base/cell.ts";
import type { Clock } from "../../../lib/base/clock.ts";
import type { Log } from "../../../lib/base/log.ts";
import { race } from "../../../lib/base/signal.ts";
import { hasPolicy } from "../../../lib/view/policies/rules.ts";
import type { GroupStatus } from "../status.ts";
import { targetsOf } from "../targets.ts";
import type { Policies } from "./policies.ts";

/** The files whose slow start was logged to have no effect. */
interface Warned {
  targets: string;
}

/**
 * Wakes the groups whose files are other ones by a policy, although no key has changed: the shares of new instances are due, watchers
 * have come or gone, or instances were quarantined.
 */
export async function followPolicies(
  statuses: readonly GroupStatus[],
  policies: Policies,
  warned: Warned,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
  signal: AbortSignal,
): Promise<void> {
  // Files that policies have shaped are others without them.
  if (policies.isNone && statuses.every(({ group }) => policies.of(group).isPlain)) return;
  logWithoutSlowStart(statuses, policies, warned, log);
  const { arrivals, order } = policies;
  const cells = [order, ...(arrivals ? [arrivals.newSince] : [])];
  const all = [...cells, ...statuses.map(({ outcome }) => outcome)];
  const versionOf = (some: typeof all) => some.reduce((sum, { version }) => sum + version, 0);
  const outcomes = new Map<GroupStatus, number>();
  let isDue = false;
  for (;;) {
    const [common, seen, seenMs] = [versionOf(cells), versionOf(all), clock.now()];
    for (const status of statuses) {
      const { outcome, changes } = status;
      // A reconciliation may have quarantined instances, and only its own group has to be looked at then.
      const isNews = isDue || outcomes.get(status) !== outcome.version;
      outcomes.set(status, outcome.version);
      if (isNews && isStale(status, policies)) changes.add({ reasons: ["policy"], seenMs });
    }
    const dueMs = arrivals?.nextDueMs(seenMs) ?? Number.POSITIVE_INFINITY;
    const changed = (s: AbortSignal) => untilAny(all, () => versionOf(all) !== seen, s);
    const step = (s: AbortSignal) => clock.sleep(Math.max(0, dueMs - clock.now()), s);
    await (Number.isFinite(dueMs) ? race(signal, changed, step) : changed(signal));
    isDue = versionOf(cells) !== common || clock.now() >= dueMs;
  }
}

/** Not while it runs or waits: it may have the latest shares then, and back-off is not for policies to shorten. */
function isStale({ group, attempt, changes }: GroupStatus, policies: Policies): boolean {
  if (attempt.isRunning || attempt.failed || group.pin.active || changes.isWaiting) return false;
  return policies.of(group).isStale;
}

/** Logs once which files have no slow start, although it is configured. */
function logWithoutSlowStart(
  statuses: readonly GroupStatus[],
  { rules }: Policies,
  warned: Warned,
  log: Log,
): void {
  if (!hasPolicy(rules, "slowStart")) return;
  const without = statuses.filter(({ group: { proxy } }) => proxy && !proxy.weighs);
  const targets = without.flatMap(({ group }) => targetsOf(group));
  const isLogged = warned.targets === targets.join();
  warned.targets = targets.join();
  if (targets.length === 0 || isLogged) return;
  const sentence = `${targets.join(", ")}: slow start has no effect, since the proxy would have to be reloaded for each weight`;
  log.warn("slow_start_off", sentence, { targets });
}
