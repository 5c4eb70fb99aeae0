import type { FaultReports } from "../../../lib/base/fault-reporter.ts";
import { runAll } from "../../../lib/base/signal.ts";
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
  readonly statuses: readonly GroupStatus[];
  readonly keyspaces: Pick<FollowedKeyspaces, "all">;
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
  const { arrivals, order, rules } = policies;
  const path = arrivalsPath(cachePath);
  await runAll(
    signal,
    (s) => followPolicies(statuses, policies, deps, s),
    (s) => saveArrivals(path, arrivals?.newSince, disk.reporter(), deps.clock, s),
    async (s) => {
      if (hasPolicy(rules, "subset")) await followOrder(order, id, keyspaces.all, deps, s);
    },
  );
}
