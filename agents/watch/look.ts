import { runAll } from "../../lib/base/signal.ts";
import type { WatchPlan } from "../../lib/config/plan.ts";
import type { Acknowledgements } from "./acknowledge.ts";
import { followEnded } from "./ended.ts";
import type { FollowedKeyspaces } from "./keyspaces.ts";
import { monitorAll } from "./monitor.ts";
import { observeProxy } from "./observe-proxy.ts";
import { publishProxySuspects } from "./publish-suspects.ts";
import type { WatchDeps } from "./state.ts";
import type { GroupStatus } from "./status.ts";

interface Looking {
  readonly id: string;
  readonly acknowledgements: Acknowledgements;
  readonly keyspaces: FollowedKeyspaces;
}

/**
 * Looks at files and proxies between changes: whether something else has changed them, whether a proxy has ended, and which instances it
 * fails to use.
 */
export async function lookBetweenChanges(
  statuses: readonly GroupStatus[],
  { drift, observeMs, acknowledge }: Pick<WatchPlan, "drift" | "observeMs" | "acknowledge">,
  { id, acknowledgements, keyspaces }: Looking,
  deps: WatchDeps,
  signal: AbortSignal,
): Promise<void> {
  const { clock } = deps;
  const observable = statuses.filter(({ group }) => group.proxy?.observe);
  const counting =
    observeMs === undefined ? [] : statuses.filter((one) => one.group.proxy?.counters);
  const isPublished = acknowledge && counting.length > 0;
  await runAll(
    signal,
    (s) => monitorAll(statuses, drift, deps, s),
    ...observable.map((status) => (s: AbortSignal) => {
      return followEnded(status, acknowledgements.of(status.group).onVerified, clock, s);
    }),
    ...counting.map((status) => (s: AbortSignal) => observeProxy(status, observeMs ?? 0, clock, s)),
    ...(isPublished
      ? [(s: AbortSignal) => publishProxySuspects(counting, id, keyspaces, deps, s)]
      : []),
  );
}
