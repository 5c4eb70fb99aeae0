import { Cell, type Current } from "../../lib/base/cell.ts";
import type { Clock } from "../../lib/base/clock.ts";
import type { Log } from "../../lib/base/log.ts";
import type { WatchPlan } from "../../lib/config/plan.ts";
import type { Fact } from "../../lib/journal/contract.ts";
import type { InUse } from "../../lib/keyspace/in-use.ts";
import type { Mounts } from "../../lib/keyspace/mounts/mounts.ts";
import { type Batch, type Entry, isWithinAny } from "../../lib/model/entry.ts";
import type { Snapshot } from "../../lib/model/snapshot.ts";
import type { AddressLookup, KnownAddresses } from "../../lib/resolve/contract.ts";
import { HostNames } from "../../lib/resolve/host-names.ts";
import { Views } from "../../lib/view/views.ts";
import { DoubtWatch } from "./doubts.ts";
import type { TemplateGroup } from "./groups.ts";
import { Policies } from "./policies/policies.ts";
import { NameView } from "./resolve-names.ts";

export interface WatchDeps {
  readonly mounts: Mounts;
  readonly clock: Clock;
  /** A number in [0, 1). */
  readonly random: () => number;
  readonly log: Log;
  readonly resolver: AddressLookup;
  /** Gets the result of each reconciliation once. */
  readonly onFact?: (fact: Fact) => void;
  readonly arrivals?: Arrivals;
  /** Counts what uses keyspaces that a reload of the configuration may replace. */
  readonly inUse?: InUse;
}

/** Measures how long entries take from their stamps until they are served. */
export interface Arrivals {
  /** Gets what is read of the keyspace. */
  readonly onBatch: (batch: Batch) => void;
  /** Gets each entry that the files or the proxy of a group were verified to have, as it was before and as it is. */
  readonly onVerified: (before: Entry | undefined, entry: Entry) => void;
}

/** The state of a watcher. Each cell has one meaning, and one writer: the step that is named. */
export interface WatchState {
  /** The keys as last read, or the cached ones until then; undefined while there are none: `FollowedKeyspaces`. */
  readonly snapshot: Cell<Snapshot | undefined>;
  /** When retained instances expired last, in milliseconds of the clock: `expireRetained`. */
  readonly expired: Cell<number>;
  /** The services of the snapshot, computed once for all groups. */
  readonly views: Views;
  /** The host names of their instances. Its cell has the results of the lookups so far: `HostNames.run`. */
  readonly names: HostNames;
  /** The services with the addresses of their host names. */
  readonly nameView: NameView;
  /** How requests are shared among instances. */
  readonly policies: Policies;
  /** The instances that are served and look odd. */
  readonly doubts: DoubtWatch;
}

export function createState(
  plan: Current<
    Pick<
      WatchPlan,
      "services" | "sources" | "limits" | "guard" | "policies" | "trust" | "ownHost" | "retry"
    >
  >,
  groups: Current<readonly TemplateGroup[]>,
  known: KnownAddresses,
  { clock, random, log, resolver }: Omit<WatchDeps, "mounts">,
): WatchState {
  const retry = {
    get firstMs() {
      return plan.value.retry.firstMs;
    },
    get maxMs() {
      return plan.value.retry.maxMs;
    },
  };
  const names = new HostNames(known, retry, { resolver, clock, random });
  const nameView = new NameView(names, { clock, log });
  const views = new Views(plan.value, clock, log, (entry) =>
    isAbsent(entry, groups.value, nameView),
  );
  return {
    snapshot: new Cell<Snapshot | undefined>(undefined),
    expired: new Cell(Number.NEGATIVE_INFINITY),
    ...{ views, names, nameView },
    policies: new Policies(plan.value.policies, groups.value, { views, clock, log }),
    doubts: new DoubtWatch(plan.value.ownHost),
  };
}

/** Other rules apply to the services from now on. */
export function replaceRules(
  { views, policies, doubts }: WatchState,
  plan: WatchPlan,
  groups: readonly TemplateGroup[],
): void {
  views.replaceRules(plan);
  policies.replace(plan.policies, groups);
  doubts.replace(plan.ownHost);
}

/** Whether no file has this entry, although some depend on its folder: then its loss changes none of them. */
function isAbsent(entry: Entry, groups: readonly TemplateGroup[], nameView: NameView): boolean {
  const { key } = entry;
  const reading = groups.filter(({ prefixes }) => isWithinAny(key, prefixes));
  return (
    reading.length > 0 &&
    reading.every(
      ({ quarantine, unrenderable, resolvesNames }) =>
        quarantine.has(entry) ||
        unrenderable.has(entry) ||
        (resolvesNames && nameView.missing.has(key)),
    )
  );
}
