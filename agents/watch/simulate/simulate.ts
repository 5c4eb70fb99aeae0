import { Fault } from "../../../lib/base/fault.ts";
import { race } from "../../../lib/base/signal.ts";
import type { WatchPlan } from "../../../lib/config/plan.ts";
import { isWithinAny } from "../../../lib/model/entry.ts";
import type { Snapshot } from "../../../lib/model/snapshot.ts";
import type { TemplateGroup } from "../groups.ts";
import { createState, type WatchDeps, type WatchState } from "../state.ts";
import { type Alteration, type Asked, alterationOf, altered } from "./alteration.ts";
import { type RenderedState, renderState } from "./render-state.ts";
import { simulateGroup } from "./simulate-group.ts";
import type { SimulatedQuarantine, SimulatedRetention, Simulation, Verdict } from "./simulation.ts";

type SimulateDeps = Pick<WatchDeps, "clock" | "random" | "log" | "resolver">;

/**
 * What a watcher that has just applied a snapshot would do if some entries were others. Proxies are looked at, check commands run on
 * files beside the targets; nothing is changed. The groups are of no use to anything else afterwards. Throws AGENT_KEY_INVALID,
 * AGENT_KEY_UNKNOWN, and the RENDER_ fault of a template that cannot be rendered from the snapshot itself.
 */
export async function simulate(
  plan: WatchPlan,
  groups: readonly TemplateGroup[],
  before: Snapshot,
  asked: Asked,
  deps: SimulateDeps,
  signal: AbortSignal,
): Promise<Simulation> {
  const state = createState({ value: plan }, { value: groups }, new Map(), deps);
  const unreported = { report: () => {}, resolved: () => {} };
  return await race(
    signal,
    (s) => state.names.run(unreported, s),
    (s) => simulateIn(state, groups, before, asked, deps, s),
  );
}

async function simulateIn(
  state: WatchState,
  groups: readonly TemplateGroup[],
  snapshot: Snapshot,
  asked: Asked,
  deps: SimulateDeps,
  signal: AbortSignal,
): Promise<Simulation> {
  const now = new Date();
  const before = await renderState(state, groups, snapshot, now, signal);
  for (const one of before.groups.values()) if (one instanceof Fault) throw one;
  const alteration = alterationOf(asked, state.views.latest.value);
  const changes = changesOf(alteration, snapshot, groups);
  const readable = only(
    alteration,
    new Set(changes.filter((one) => one.isReadable).map(({ key }) => key)),
  );
  const after = await renderState(state, groups, altered(snapshot, readable), now, signal);
  const retained = state.views.retained.map(
    ({ service, retained, live, untilMs }): SimulatedRetention => {
      const forMs = untilMs - deps.clock.now();
      return { service, retained, live, ...(Number.isFinite(forMs) && { forMs }) };
    },
  );
  const simulated = [];
  for (const group of groups) {
    simulated.push(await simulateGroup(group, before, after, deps.clock, signal));
  }
  const quarantined = quarantinedIn(after, before);
  const isRefused = simulated.some(({ check }) => check.result === "refused");
  const isPartial = retained.length > 0 || quarantined.some(({ isNew }) => isNew);
  const verdict: Verdict = isRefused ? "refused" : isPartial ? "accepted in part" : "accepted";
  return {
    revision: snapshot.revision,
    verdict,
    changes,
    groups: simulated,
    retained,
    quarantined,
  };
}

function changesOf(
  { put, gone }: Alteration,
  snapshot: Snapshot,
  groups: readonly TemplateGroup[],
): Simulation["changes"] {
  const missing = gone.filter((key) => !put.has(key));
  const all = [
    ...missing.map((key) => ({ key, op: "gone" as const })),
    ...[...put.keys()].map((key) => ({ key, op: "put" as const })),
  ];
  return all.map((one) => ({
    ...one,
    wasThere: one.op === "gone" || snapshot.get(one.key) !== undefined,
    isReadable: groups.some(({ prefixes }) => isWithinAny(one.key, prefixes)),
  }));
}

function only({ put, gone }: Alteration, keys: ReadonlySet<string>): Alteration {
  return {
    put: new Map([...put].filter(([key]) => keys.has(key))),
    gone: gone.filter((key) => keys.has(key)),
  };
}

function quarantinedIn(
  after: RenderedState,
  before: RenderedState,
): readonly SimulatedQuarantine[] {
  const known = new Set(before.quarantined.map(({ key, why }) => `${key} ${why}`));
  const all = after.quarantined.map(({ key, why }) => {
    return { key, why, isNew: !known.has(`${key} ${why}`) };
  });
  return [...new Map(all.map((one) => [`${one.key} ${one.why}`, one])).values()];
}
