import type { WatchPlan } from "../../lib/config/plan.ts";
import { readSnapshot } from "../../lib/keyspace/read-snapshot.ts";
import { Views } from "../../lib/view/views.ts";
import { prefixesOf, type TemplateGroup } from "./groups.ts";
import { applyIsolatingBadEntries } from "./isolate.ts";
import { logOutcome } from "./reconcile.ts";
import type { WatchDeps } from "./state.ts";

/** One pass: the keyspace as it is now, rendered, checked, installed and applied. Throws the first fault. */
export async function watchOnce(
  plan: Pick<WatchPlan, "services" | "limits" | "guard">,
  groups: readonly TemplateGroup[],
  { keyspace, clock, log }: Omit<WatchDeps, "random">,
  signal: AbortSignal,
): Promise<void> {
  const snapshot = await readSnapshot(keyspace, prefixesOf(groups), signal);
  const views = new Views(plan, clock, log);
  for (const group of groups) {
    const startMs = clock.now();
    const once = () => applyIsolatingBadEntries(group, views.of(snapshot), { clock, log }, signal);
    let outcome = await once();
    for (; outcome.kind === "deferred"; outcome = await once()) {
      await clock.sleep(outcome.waitMs, signal);
    }
    logOutcome(group, outcome, snapshot, clock.now() - startMs, log);
  }
}
