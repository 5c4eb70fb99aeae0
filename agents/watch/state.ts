import { Cell } from "../../lib/base/cell.ts";
import type { Clock } from "../../lib/base/clock.ts";
import type { Log } from "../../lib/base/log.ts";
import type { WatchPlan } from "../../lib/config/plan.ts";
import type { Keyspace } from "../../lib/keyspace/contract.ts";
import type { Snapshot } from "../../lib/model/snapshot.ts";
import { Views } from "../../lib/view/views.ts";

export interface WatchDeps {
  readonly keyspace: Keyspace;
  readonly clock: Clock;
  /** A number in [0, 1). */
  readonly random: () => number;
  readonly log: Log;
}

/** The state of a watcher. Each cell has one meaning, and one writer: the step that is named. */
export interface WatchState {
  /** The keys as last read, or the cached ones until then; undefined while there are none: `followKeyspace`. */
  readonly snapshot: Cell<Snapshot | undefined>;
  /** When retained instances expired last, in milliseconds of the clock: `expireRetained`. */
  readonly expired: Cell<number>;
  /** The services of the snapshot, computed once for all groups. */
  readonly views: Views;
}

export function createState(
  plan: Pick<WatchPlan, "services" | "limits" | "guard">,
  { clock, log }: Pick<WatchDeps, "clock" | "log">,
): WatchState {
  return {
    snapshot: new Cell<Snapshot | undefined>(undefined),
    expired: new Cell(Number.NEGATIVE_INFINITY),
    views: new Views(plan, clock, log),
  };
}
