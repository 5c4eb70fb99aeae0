import type { Entry } from "../model/entry.ts";
import type { Endpoint, Pool } from "../model/pool.ts";
import type { Guarded, GuardRule, GuardRules, Limits, Loss, Pools } from "./contract.ts";
import { unlimited } from "./limits.ts";
import { dueMs, updateLoss } from "./loss.ts";
import { emptyPools, sortedByName } from "./pools.ts";
import type { Sources } from "./sources.ts";
import type { Trust } from "./trust/trust.ts";

const emptyEndpoints: readonly Endpoint[] = [];

/** The state before the first snapshot, against which nothing is lost. */
export function emptyGuarded(
  place: Sources | string,
  limits: Limits = unlimited,
  trust?: Trust,
): Guarded {
  const none = emptyPools(place, limits, trust);
  return { observed: none, effective: none, losses: new Map() };
}

/**
 * The mass-loss guard. A service that lost more instances than its rule permits retains them in their last state; new
 * and changed instances take effect at once all the same. Quarantined instances are in no file: they are not lost with
 * their entry. Pure. Services without a recent loss cost nothing.
 */
export function guard(
  previous: Guarded,
  observed: Pools,
  rules: GuardRules,
  nowMs: number,
  isQuarantined: (entry: Entry) => boolean = () => false,
): Guarded {
  const before = previous.observed;
  const losses = new Map<string, Loss>();
  for (const name of new Set([...previous.losses.keys(), ...changedNames(before, observed)])) {
    const transition = {
      before: before.byName.get(name)?.instances ?? emptyEndpoints,
      after: observed.byName.get(name)?.instances ?? emptyEndpoints,
      snapshot: before.snapshot,
      isQuarantined,
    };
    const known = previous.losses.get(name);
    const isUnchanged = known && transition.before === transition.after && dueMs(known) > nowMs;
    const loss = isUnchanged ? known : updateLoss(known, transition, ruleFor(name, rules), nowMs);
    if (loss) losses.set(name, loss);
  }
  return { observed, effective: effectivePools(previous, observed, losses), losses };
}

/** When `guard` has to run again although nothing has changed, in milliseconds; infinite if it does not. */
export function nextDueMs(guarded: Guarded): number {
  return Math.min(...retainedLosses(guarded.losses).map(([, loss]) => dueMs(loss)));
}

/** The losses with retained instances, by service. */
export function retainedLosses(losses: Guarded["losses"]): readonly (readonly [string, Loss])[] {
  return [...losses].filter(([, { retained }]) => retained.length > 0);
}

function ruleFor(name: string, { all, services }: GuardRules): GuardRule {
  return (Object.hasOwn(services, name) ? services[name] : undefined) ?? all;
}

/** The names of the services that have changed. */
function* changedNames(before: Pools, after: Pools): Generator<string> {
  if (before === after) return;
  for (const [name, pool] of after.byName) if (before.byName.get(name) !== pool) yield name;
  for (const name of before.byName.keys()) if (!after.byName.has(name)) yield name;
}

/** The observed services and keys, with the retained instances and their entries. */
function effectivePools(previous: Guarded, observed: Pools, losses: Guarded["losses"]): Pools {
  const retained = retainedLosses(losses);
  if (retained.length === 0) return observed;
  const isKnown = ([name, loss]: (typeof retained)[number]) => previous.losses.get(name) === loss;
  const areSame =
    retained.every(isKnown) && retained.length === retainedLosses(previous.losses).length;
  if (areSame && observed === previous.observed) return previous.effective;
  const byName = new Map(observed.byName);
  const entries = new Map<string, Entry>();
  for (const [name, loss] of retained) {
    const pool = observed.byName.get(name);
    const isSame = isKnown([name, loss]) && previous.observed.byName.get(name) === pool;
    const before = isSame ? previous.effective.byName.get(name) : undefined;
    byName.set(name, before ?? withRetained(name, pool, loss));
    for (const { entry } of loss.retained) entries.set(entry.key, entry);
  }
  const { revision } = observed.snapshot;
  const snapshot = observed.snapshot.after({ kind: "delta", revision, put: entries, gone: [] });
  return { ...observed, byName: sortedByName(byName), snapshot };
}

function withRetained(name: string, pool: Pool | undefined, { retained }: Loss): Pool {
  const instances = [...(pool?.instances ?? []), ...retained.map(({ endpoint }) => endpoint)];
  instances.sort((a, b) => (a.key < b.key ? -1 : 1));
  return { ...pool, name, instances, retained: true };
}
