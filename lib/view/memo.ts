import type { Decoded } from "../model/decode.ts";
import type { Entry } from "../model/entry.ts";
import type { Endpoint, Quarantined } from "../model/pool.ts";
import type { Chunk } from "../model/snapshot.ts";

/** The endpoints of a run of entries of one service. */
export interface DecodedChunk {
  readonly endpoints: readonly Endpoint[];
  readonly quarantined: readonly Quarantined[];
  /** The endpoints with an id other than their address: only they can repeat an address. */
  readonly aliases: readonly Endpoint[];
}

/** The results of decoding. */
export interface Memo {
  readonly chunks: WeakMap<Chunk, DecodedChunk>;
  readonly entries: WeakMap<Entry, Decoded>;
}

export function emptyMemo(): Memo {
  return { chunks: new WeakMap(), entries: new WeakMap() };
}
