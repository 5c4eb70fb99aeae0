import type { WatchPlan } from "../../lib/config/plan.ts";
import { readSnapshot } from "../../lib/keyspace/read-snapshot.ts";
import { Views } from "../../lib/view/views.ts";
import { prefixesOf, type TemplateGroup } from "./groups.ts";
import { applyIsolatingBadEntries } from "./isolate.ts";
import { logOutcome } from "./reconcile.ts";
import { resolveOnce } from "./resolve-once.ts";
import type { WatchDeps } from "./state.ts";

/** One pass: the keyspace as it is now, rendered, checked, installed and applied. Throws the first fault. */
export async function watchOnce(
  plan: Pick<WatchPlan, "services" | "guard">,
  groups: readonly TemplateGroup[],
  deps: WatchDeps,
  signal: AbortSignal,
): Promise<void> {
  const { keyspace, clock, log } = deps;
  const snapshot = await readSnapshot(keyspace, prefixesOf(groups), signal);
  const pools = new Views(plan, clock, log).of(snapshot);
  const resolved = groups.some(({ resolvesNames }) => resolvesNames)
    ? await resolveOnce(pools, deps, signal)
    : pools;
  for (const group of groups) {
    const startMs = clock.now();
    const usable = group.resolvesNames ? resolved : pools;
    const once = () => applyIsolatingBadEntries(group, usable, { clock, log }, signal);
    let outcome = await once();
    for (; outcome.kind === "deferred"; outcome = await once()) {
      await clock.sleep(outcome.waitMs, signal);
    }
    logOutcome(group, outcome, snapshot, clock.now() - startMs, log);
  }
}
