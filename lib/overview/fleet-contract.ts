import type { FleetWatcher } from "./contract.ts";

/** The worst first: the state of a file that is not in sync, and what a comparison with other watchers shows. */
export const findingKinds = [
  ...(["proxy down", "failing", "out of sync", "refusing", "disagreeing", "lagging"] as const),
  ...(["unknown", "older version"] as const),
] as const;

/** Why a file of a watcher, or a watcher as a whole, needs attention. */
export interface FleetFinding {
  readonly kind: (typeof findingKinds)[number];
  /** The id of the watcher. */
  readonly watcher: string;
  /** Absent where it is about the watcher. */
  readonly target?: string;
  readonly why: string;
}

export interface FleetComparison {
  /** Every file of every watcher is in sync, and there is no finding; false without watchers, or if a keyspace could not be read. */
  readonly isAgreed: boolean;
  /** The worst first. */
  readonly findings: readonly FleetFinding[];
  /** Sentences on texts that differ, which may be as it should be, and on instances that proxies fail to use. */
  readonly notes: readonly string[];
}

/** An entry that does not count as one of a watcher. */
interface IgnoredEntry {
  readonly key: string;
  readonly why: string;
}

export interface Fleet extends FleetComparison {
  /** The URL of the keyspace without credentials; of several, each with the folder at which it is mounted. */
  readonly keyspace: string;
  readonly watchers: readonly FleetWatcher[];
  /** Left behind, or written by another client. */
  readonly ignored: readonly IgnoredEntry[];
  /** The mounted keyspaces that could not be read; absent if there are none. */
  readonly unread?: readonly UnreadKeyspace[];
}

interface UnreadKeyspace {
  readonly folder: string;
  readonly why: string;
}
