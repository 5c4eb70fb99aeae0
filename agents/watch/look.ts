import type { Cell } from "../../lib/base/cell.ts";
import type { Clock } from "../../lib/base/clock.ts";
import { runEach, runLatest } from "../../lib/base/run-each.ts";
import { race, runAll } from "../../lib/base/signal.ts";
import type { WatchPlan } from "../../lib/config/plan.ts";
import type { Acknowledgements } from "./acknowledge.ts";
import { followEnded } from "./ended.ts";
import type { FollowedKeyspaces } from "./keyspaces.ts";
import { monitorAll } from "./monitor.ts";
import { observeProxy } from "./observe-proxy.ts";
import { publishProxySuspects } from "./publish-suspects.ts";
import type { WatchDeps } from "./state.ts";
import type { GroupStatus } from "./status.ts";
import type { Watched } from "./watched.ts";

interface Looking {
  readonly id: string;
  readonly acknowledgements: Acknowledgements;
  readonly keyspaces: Cell<FollowedKeyspaces>;
}

/**
 * Looks at files and proxies between changes: whether something else has changed them, whether a proxy has ended, and which instances it
 * fails to use.
 */
export async function lookBetweenChanges(
  watched: Watched,
  { id, acknowledgements, keyspaces }: Looking,
  deps: WatchDeps,
  signal: AbortSignal,
): Promise<void> {
  const { clock } = deps;
  const { plan, statuses } = watched;
  const followProxy = async (status: GroupStatus, s: AbortSignal) => {
    if (!status.group.proxy?.observe) return;
    await followEnded(status, acknowledgements.of(status.group).onVerified, clock, s);
  };
  await runAll(
    signal,
    (s) => runLatest(statuses, (all, t) => monitorAll(all, plan.value.drift, deps, t), s),
    (s) => runEach(statuses, followProxy, s),
    (s) => runEach(statuses, (status, t) => observe(status, plan, clock, t), s),
    (s) => publishProxySuspects(watched, id, keyspaces, deps, s),
  );
}

/** Observes the proxy of a group while the plan has that, as often as the plan has it. */
async function observe(
  status: GroupStatus,
  plan: Cell<Pick<WatchPlan, "observeMs">>,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const { group, suspects } = status;
  if (!group.proxy?.counters) return;
  for (;;) {
    const { observeMs } = plan.value;
    await race<unknown>(
      signal,
      (s) => plan.until((next) => next.observeMs !== observeMs, s),
      ...(observeMs === undefined
        ? []
        : [(s: AbortSignal) => observeProxy(status, observeMs, clock, s)]),
    );
    if (plan.value.observeMs === undefined && suspects.value.size > 0) suspects.set(new Map());
  }
}
