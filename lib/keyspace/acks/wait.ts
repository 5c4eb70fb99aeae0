import { type Unacknowledged, unacknowledged } from "../../model/watcher-entry.ts";
import type { KeySource } from "../contract.ts";
import type { IgnoredEntry, Roll } from "./believed.ts";
import { type RollDeps, untilRoll } from "./roll.ts";

export interface AckDeps extends RollDeps {
  /** Called with the watchers that are waited for, whenever they or their entries have changed. */
  readonly onMissing?: (missing: readonly Unacknowledged[]) => void;
}

export interface Acks {
  /** The keys of the instances that get no new requests from the proxies of any watcher. */
  readonly acknowledged: readonly string[];
  /** The watchers that have not acknowledged; empty where the watchers could not be read either. */
  readonly missing: readonly Unacknowledged[];
  /** The entries in the folder of the watchers that are not believed, and not waited for. */
  readonly ignored: readonly IgnoredEntry[];
}

/**
 * Waits until every watcher that reads these instances has acknowledged that they are drained, `limitMs` at the most. `draining`
 * has the revision of each draining entry, by key. Watchers are followed meanwhile: one that is gone is not waited for.
 * While they cannot be read, no instance counts as acknowledged; that is no fault.
 */
export async function waitForAcks(
  keyspace: KeySource,
  draining: ReadonlyMap<string, string>,
  limitMs: number,
  { onMissing, ...deps }: AckDeps,
  signal: AbortSignal,
): Promise<Acks> {
  const isComplete = ({ watchers }: Roll) => {
    const missing = unacknowledged(draining, watchers);
    onMissing?.(missing);
    return missing.length === 0;
  };
  const roll = await untilRoll(keyspace, isComplete, limitMs, deps, signal);
  if (!roll) return { acknowledged: [], missing: [], ignored: [] };
  const missing = unacknowledged(draining, roll.watchers);
  const open = new Set(missing.map(({ key }) => key));
  const acknowledged = [...draining.keys()].filter((key) => !open.has(key));
  return { acknowledged, missing, ignored: roll.ignored };
}
