import type { Cell } from "../../../lib/base/cell.ts";
import type { FaultReports } from "../../../lib/base/fault-reporter.ts";
import { runLatest } from "../../../lib/base/run-each.ts";
import { runAll } from "../../../lib/base/signal.ts";
import type { PolicyRules } from "../../../lib/view/policies/contract.ts";
import { hasPolicy } from "../../../lib/view/policies/rules.ts";
import type { FollowedKeyspaces } from "../keyspaces.ts";
import type { WatchDeps } from "../state.ts";
import type { GroupStatus } from "../status.ts";
import { arrivalsPath, readArrivals, saveArrivals } from "./arrivals-file.ts";
import { followPolicies } from "./follow-policies.ts";
import type { Policies } from "./policies.ts";
import { followOrder } from "./watcher-order.ts";

/** The watcher whose policies they are. */
interface OfWatcher {
  readonly statuses: Cell<readonly GroupStatus[]>;
  readonly keyspaces: Cell<FollowedKeyspaces>;
  /** Its name among all watchers of the keyspaces. */
  readonly id: string;
  /** The file of its snapshot cache; false without one. */
  readonly cachePath: string | false;
}

/** The instances that were new at the end of an earlier process still are. */
export async function restoreArrivals(
  cachePath: string | false,
  { arrivals }: Policies,
  clock: WatchDeps["clock"],
): Promise<void> {
  arrivals?.restore(await readArrivals(arrivalsPath(cachePath), clock));
}

/** Keeps what the policies of a watcher depend on up to date, and wakes the groups whose files are others by them. */
export async function runPolicies(
  { statuses, keyspaces, id, cachePath }: OfWatcher,
  policies: Policies,
  disk: FaultReports,
  deps: Pick<WatchDeps, "clock" | "random" | "log">,
  signal: AbortSignal,
): Promise<void> {
  const { current, order } = policies;
  const path = arrivalsPath(cachePath);
  const warned = { targets: "" };
  const save = (s: AbortSignal) =>
    saveArrivals(path, policies.arrivals?.newSince, disk.reporter(), deps.clock, s);
  const follow = async (rules: PolicyRules, s: AbortSignal) => {
    if (!hasPolicy(rules, "subset")) return;
    await runLatest(keyspaces, ({ all }, t) => followOrder(order, id, all, deps, t), s);
  };
  await runAll(
    signal,
    (s) => runLatest(statuses, (all, t) => followPolicies(all, policies, warned, deps, t), s),
    (s) => runLatest(current, (_, t) => save(t), s),
    (s) => runLatest(current, follow, s),
  );
}
