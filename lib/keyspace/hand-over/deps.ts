import type { Clock } from "../../base/clock.ts";
import type { Fault } from "../../base/fault.ts";
import type { Backoff } from "../../base/retry.ts";

/** How soon an unreachable keyspace is tried again. Its faults are reported by the loops that register. */
export const backoff: Backoff = { firstMs: 100, maxMs: 2000 };

export interface HandOverDeps {
  readonly clock: Clock;
  /** A number in [0, 1). */
  readonly random: () => number;
  /** Called for each fault of a keyspace that does not permit the entries of a hand-over. */
  readonly onDenied: (fault: Fault) => void;
}

/** For `onFault`: reports a missing permission, also to `then`. */
export function ifDenied({ onDenied }: HandOverDeps, then: () => void): (fault: Fault) => void {
  return (fault) => {
    if (fault.code !== "KEYSPACE_PERMISSION_DENIED") return;
    onDenied(fault);
    then();
  };
}
