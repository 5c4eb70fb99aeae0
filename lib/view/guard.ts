import type { Entry } from "../model/entry.ts";
import type { Endpoint, Pool } from "../model/pool.ts";
import type { Guarded, GuardRule, GuardRules, Loss, Pools } from "./contract.ts";
import { dueMs, review } from "./loss.ts";
import { inOrder, noPools } from "./pools.ts";

const nobody: readonly Endpoint[] = [];

/** Before anything was seen: whatever comes then is no loss. */
export function unguarded(folder: string): Guarded {
  const none = noPools(folder);
  return { said: none, shown: none, losses: new Map() };
}

/**
 * What to show of what the keyspace says now. A service that lost more than it may keeps what it lost, as it was
 * last; what is new or changed is shown at once all the same. A service that lost nothing of late costs nothing.
 */
export function guard(previous: Guarded, said: Pools, rules: GuardRules, nowMs: number): Guarded {
  const before = previous.said;
  const losses = new Map<string, Loss>();
  for (const name of new Set([...previous.losses.keys(), ...changed(before, said)])) {
    const turnover = {
      before: before.byName.get(name)?.instances ?? nobody,
      after: said.byName.get(name)?.instances ?? nobody,
      snapshot: before.snapshot,
    };
    const known = previous.losses.get(name);
    const isSame = known && turnover.before === turnover.after && dueMs(known) > nowMs;
    const loss = isSame ? known : review(known, turnover, ruleFor(name, rules), nowMs);
    if (loss) losses.set(name, loss);
  }
  return { said, shown: shown(previous, said, losses), losses };
}

/** When the next loss has to be looked at again: infinite where none has. */
export function nextDueMs(guarded: Guarded): number {
  return Math.min(...retaining(guarded.losses).map(([, loss]) => dueMs(loss)));
}

/** The losses that are not believed, by service. */
export function retaining(losses: Guarded["losses"]): readonly (readonly [string, Loss])[] {
  return [...losses].filter(([, { held }]) => held.length > 0);
}

function ruleFor(name: string, { all, services }: GuardRules): GuardRule {
  return (Object.hasOwn(services, name) ? services[name] : undefined) ?? all;
}

/** The services that are not what they were. */
function* changed(before: Pools, after: Pools): Generator<string> {
  if (before === after) return;
  for (const [name, pool] of after.byName) if (before.byName.get(name) !== pool) yield name;
  for (const name of before.byName.keys()) if (!after.byName.has(name)) yield name;
}

/** What the keyspace says, with what is held put where it was: for services, and for those who ask for keys. */
function shown(previous: Guarded, said: Pools, losses: Guarded["losses"]): Pools {
  const holds = retaining(losses);
  if (holds.length === 0) return said;
  const isKnown = ([name, loss]: (typeof holds)[number]) => previous.losses.get(name) === loss;
  const areSame = holds.every(isKnown) && holds.length === retaining(previous.losses).length;
  if (areSame && said === previous.said) return previous.shown;
  const byName = new Map(said.byName);
  const entries = new Map<string, Entry>();
  for (const [name, loss] of holds) {
    const pool = said.byName.get(name);
    const isSame = isKnown([name, loss]) && previous.said.byName.get(name) === pool;
    const before = isSame ? previous.shown.byName.get(name) : undefined;
    byName.set(name, before ?? withHeld(name, pool, loss));
    for (const { entry } of loss.held) entries.set(entry.key, entry);
  }
  const { revision } = said.snapshot;
  const snapshot = said.snapshot.after({ kind: "delta", revision, put: entries, gone: [] });
  return { ...said, byName: inOrder(byName), snapshot };
}

function withHeld(name: string, pool: Pool | undefined, { held }: Loss): Pool {
  const instances = [...(pool?.instances ?? []), ...held.map(({ endpoint }) => endpoint)];
  return { name, instances: instances.sort((a, b) => (a.key < b.key ? -1 : 1)), held: true };
}
