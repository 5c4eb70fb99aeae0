import type { Decoded } from "../model/decode.ts";
import type { Entry } from "../model/entry.ts";
import type { Endpoint, Pool, Quarantined } from "../model/pool.ts";
import type { Chunk, Snapshot } from "../model/snapshot.ts";

/** All services at one moment. */
export interface Pools {
  /** The folder whose sub-folders are the services. */
  readonly folder: string;
  readonly snapshot: Snapshot;
  /** In order of name. */
  readonly byName: ReadonlyMap<string, Pool>;
  /** The entries of each service that were left out; services without any are absent. */
  readonly quarantined: ReadonlyMap<string, readonly Quarantined[]>;
  /** What entries and chunks were read as, so that nothing is read twice. */
  readonly memo: Memo;
}

/** The endpoints of a run of entries of one service. */
export interface Read {
  readonly good: readonly Endpoint[];
  readonly bad: readonly Quarantined[];
  /** Those of `good` whose id is not their address: without them, no address can occur twice. */
  readonly odd: readonly Endpoint[];
}

export interface Memo {
  readonly chunks: WeakMap<Chunk, Read>;
  readonly entries: WeakMap<Entry, Decoded>;
}
