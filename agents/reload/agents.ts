import type { Finished } from "../../lib/base/exec.ts";
import { Fault } from "../../lib/base/fault.ts";
import type { Service } from "../../lib/base/run-until.ts";
import { never, runAll, whenAborted } from "../../lib/base/signal.ts";
import type { Plan } from "../../lib/config/plan.ts";
import { instancesOf } from "../../lib/discover/static.ts";
import type { CheckTriggers } from "../../lib/health/triggers.ts";
import { InUse } from "../../lib/keyspace/in-use.ts";
import type { Mounts } from "../../lib/keyspace/mounts/mounts.ts";
import { readSigner } from "../../lib/presence/signer.ts";
import { SharedRuns } from "../../lib/proxy/shared-runs.ts";
import type { Selection } from "../../lib/status/paths.ts";
import type { ReloadNotices } from "../../lib/status/reload-notices.ts";
import type { AgentsDeps } from "../deps.ts";
import type { Program } from "../exec/program.ts";
import { openGroups, openGroupsPatiently, openPresence, openWatch } from "../open.ts";
import { type OwnHostDeps, ownHostOf } from "../own-host.ts";
import type { Destinations } from "../presence/destinations/destinations.ts";
import type { Presences } from "../presence/parts.ts";
import { Slot } from "../slot.ts";
import type { Watch } from "../watch/contract.ts";
import { type Prepared, Reloads } from "./reloads.ts";
import { selected } from "./selected.ts";
import type { ReloadSource } from "./source.ts";

/** The agents of a process. As a service, they follow what asks for a reload, and close keyspaces that are no longer in use. */
export interface Agents extends Service {
  readonly presence: Slot<Presences>;
  readonly watch: Slot<Watch>;
  /** The keyspaces of the plan that applies. */
  readonly mounts: Mounts;
  readonly reloads: Reloads;
}

export interface OpeningDeps extends AgentsDeps {
  readonly notices: ReloadNotices;
  /** The name of the watcher, unique among all. */
  readonly id: string;
  readonly program: Program | undefined;
  readonly triggers: CheckTriggers;
}

/** The selected agents that the configuration has sections for. */
export async function openAgents(
  plan: Plan,
  selection: Selection,
  destinations: Destinations | undefined,
  source: ReloadSource | undefined,
  given: OpeningDeps,
  signal: AbortSignal,
): Promise<Agents> {
  const inUse = new InUse();
  const commands = new SharedRuns<Finished>();
  const deps = { ...given, inUse, commands };
  const parts = (of: Plan, own: OwnHostDeps) => {
    const { presence, watch } = selected(of, selection);
    // A presence agent of this host may be another process.
    return { presence, watch: watch && { ...watch, ownHost: ownHostOf(of.presence, own) } };
  };
  const first = parts(plan, deps);
  const groups = first.watch ? await openGroupsPatiently(first.watch, deps, signal) : [];
  const presence = new Slot(
    first.presence && (await openPresence(first.presence, selection, destinations, deps)),
  );
  const watch = new Slot(first.watch && (await openWatch(first.watch, groups, selection, deps)));
  let mounts = given.mounts;

  /** Everything that may fail comes first. */
  const prepare = async (next: Plan): Promise<Prepared> => {
    const wanted = selected(next, selection);
    if (wanted.presence) instancesOf(wanted.presence.services);
    if (wanted.presence?.sign) await readSigner(wanted.presence.sign);
    const opened = wanted.watch ? await openGroups(wanted.watch, deps) : [];
    const nextMounts = source ? await source.keyspaces.prepare(next) : mounts;
    const own = { ...deps, mounts: nextMounts };
    const after = parts(next, own);
    return {
      apply: async () => {
        mounts = nextMounts;
        source?.keyspaces.replace(nextMounts);
        source?.setLevel(next.log);
        if (presence.agent && after.presence) {
          await presence.agent.replacePlan(after.presence, nextMounts);
        } else {
          presence.agent =
            after.presence && (await openPresence(after.presence, selection, destinations, own));
        }
        if (watch.agent && after.watch) {
          await watch.agent.replacePlan(after.watch, opened, nextMounts);
        } else {
          watch.agent = after.watch && (await openWatch(after.watch, opened, selection, own));
        }
      },
    };
  };
  const { clock } = deps;
  const reloads = new Reloads(plan, selection, { ...deps, read: source?.read, prepare });
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
