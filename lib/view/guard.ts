import type { Entry } from "../model/entry.ts";
import type { Endpoint, Pool } from "../model/pool.ts";
import type { Guarded, GuardRule, GuardRules, Loss, Pools } from "./contract.ts";
import { dueMs, updateLoss } from "./loss.ts";
import { emptyPools, sortedByName } from "./pools.ts";

const emptyEndpoints: readonly Endpoint[] = [];

/** Before anything was seen: whatever comes then is no loss. */
export function emptyGuarded(folder: string): Guarded {
  const none = emptyPools(folder);
  return { observed: none, effective: none, losses: new Map() };
}

/**
 * What to show of what the keyspace says now. A service that lost more than it may keeps what it lost, as it was
 * last; what is new or changed is shown at once all the same. A service that lost nothing of late costs nothing.
 */
export function guard(
  previous: Guarded,
  observed: Pools,
  rules: GuardRules,
  nowMs: number,
): Guarded {
  const before = previous.observed;
  const losses = new Map<string, Loss>();
  for (const name of new Set([...previous.losses.keys(), ...changedServices(before, observed)])) {
    const turnover = {
      before: before.byName.get(name)?.instances ?? emptyEndpoints,
      after: observed.byName.get(name)?.instances ?? emptyEndpoints,
      snapshot: before.snapshot,
    };
    const known = previous.losses.get(name);
    const isSame = known && turnover.before === turnover.after && dueMs(known) > nowMs;
    const loss = isSame ? known : updateLoss(known, turnover, ruleFor(name, rules), nowMs);
    if (loss) losses.set(name, loss);
  }
  return { observed, effective: effectivePools(previous, observed, losses), losses };
}

/** When the next loss has to be looked at again: infinite where none has. */
export function nextDueMs(guarded: Guarded): number {
  return Math.min(...retainedLosses(guarded.losses).map(([, loss]) => dueMs(loss)));
}

/** The losses that are not believed, by service. */
export function retainedLosses(losses: Guarded["losses"]): readonly (readonly [string, Loss])[] {
  return [...losses].filter(([, { retained }]) => retained.length > 0);
}

function ruleFor(name: string, { all, services }: GuardRules): GuardRule {
  return (Object.hasOwn(services, name) ? services[name] : undefined) ?? all;
}

/** The services that are not what they were. */
function* changedServices(before: Pools, after: Pools): Generator<string> {
  if (before === after) return;
  for (const [name, pool] of after.byName) if (before.byName.get(name) !== pool) yield name;
  for (const name of before.byName.keys()) if (!after.byName.has(name)) yield name;
}

/** What the keyspace says, with what is held put where it was: for services, and for those who ask for keys. */
function effectivePools(previous: Guarded, observed: Pools, losses: Guarded["losses"]): Pools {
  const holds = retainedLosses(losses);
  if (holds.length === 0) return observed;
  const isKnown = ([name, loss]: (typeof holds)[number]) => previous.losses.get(name) === loss;
  const areSame = holds.every(isKnown) && holds.length === retainedLosses(previous.losses).length;
  if (areSame && observed === previous.observed) return previous.effective;
  const byName = new Map(observed.byName);
  const entries = new Map<string, Entry>();
  for (const [name, loss] of holds) {
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
  return { name, instances: instances.sort((a, b) => (a.key < b.key ? -1 : 1)), retained: true };
}
