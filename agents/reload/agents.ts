import type { Finished } from "../../lib/base/exec.ts";
import { Fault } from "../../lib/base/fault.ts";
import type { Service } from "../../lib/base/run-until.ts";
import { never, runAll, whenAborted } from "../../lib/base/signal.ts";
import type { Plan } from "../../lib/config/plan.ts";
import { instancesOf } from "../../lib/discover/static.ts";
import { InUse } from "../../lib/keyspace/in-use.ts";
import type { Mounts } from "../../lib/keyspace/mounts/mounts.ts";
import { SharedRuns } from "../../lib/proxy/shared-runs.ts";
import type { Selection } from "../../lib/status/paths.ts";
import type { ReloadNotices } from "../../lib/status/reload-notices.ts";
import type { AgentsDeps } from "../deps.ts";
import { openGroups, openGroupsPatiently, openPresence, openWatch, selected } from "../open.ts";
import type { Destinations } from "../presence/destinations/destinations.ts";
import type { Presences } from "../presence/parts.ts";
import { Slot } from "../slot.ts";
import type { Watch } from "../watch/contract.ts";
import { type Prepared, Reloads } from "./reloads.ts";
import type { ReloadSource } from "./source.ts";

/** The agents of a process. As a service, they follow what asks for a reload, and close keyspaces that are no longer in use. */
export interface Agents extends Service {
  readonly presence: Slot<Presences>;
  readonly watch: Slot<Watch>;
  /** The keyspaces of the plan that applies. */
  readonly mounts: Mounts;
  readonly reloads: Reloads;
}

/** The selected agents that the configuration has sections for. */
export async function openAgents(
  plan: Plan,
  selection: Selection,
  destinations: Destinations | undefined,
  source: ReloadSource | undefined,
  given: AgentsDeps & { readonly notices: ReloadNotices },
  signal: AbortSignal,
): Promise<Agents> {
  const inUse = new InUse();
  const commands = new SharedRuns<Finished>();
  const deps = { ...given, inUse, commands };
  const first = selected(plan, selection);
  const groups = first.watch ? await openGroupsPatiently(first.watch, deps, signal) : [];
  const presence = new Slot(
    first.presence && (await openPresence(first.presence, selection, destinations, deps)),
  );
  const watch = new Slot(first.watch && (await openWatch(first.watch, groups, selection, deps)));
  let mounts = given.mounts;

  /** Everything that may fail comes first. */
  const prepare = async (next: Plan): Promise<Prepared> => {
    const parts = selected(next, selection);
    if (parts.presence) instancesOf(parts.presence.services);
    const opened = parts.watch ? await openGroups(parts.watch, deps) : [];
    const nextMounts = source ? await source.keyspaces.prepare(next) : mounts;
    const own = { ...deps, mounts: nextMounts };
    return {
      apply: async () => {
        mounts = nextMounts;
        source?.keyspaces.replace(nextMounts);
        source?.setLevel(next.log);
        if (presence.agent && parts.presence) {
          await presence.agent.replacePlan(parts.presence, nextMounts);
        } else {
          presence.agent =
            parts.presence && (await openPresence(parts.presence, selection, destinations, own));
        }
        if (watch.agent && parts.watch) {
          await watch.agent.replacePlan(parts.watch, opened, nextMounts);
        } else {
          watch.agent = parts.watch && (await openWatch(parts.watch, opened, selection, own));
        }
      },
    };
  };
  const { clock } = deps;
  const reloads = new Reloads(plan, { ...deps, read: source?.read, prepare });
  const reload = (why: string) => reloads.reload(why).catch(ifFault);
  return {
    ...{ presence, watch, reloads },
    get mounts() {
      return mounts;
    },
    run: (s) =>
      source
        ? runAll(
            s,
            (t) => source.follow(reload, t),
            (t) => source.keyspaces.closeUnused(inUse, clock, t),
          )
        : whenAborted(never, s),
  };
}

/** It is logged, and is part of the status. */
function ifFault(error: unknown): void {
  if (!(error instanceof Fault)) throw error;
}
