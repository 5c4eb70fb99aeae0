import type { Endpoint, Quarantined } from "../model/pool.ts";

/** The endpoints of a run of entries of one service. */
export interface DecodedChunk {
  readonly endpoints: readonly Endpoint[];
  readonly quarantined: readonly Quarantined[];
  /** The endpoints with an id other than their address: only they can repeat an address. */
  readonly aliases: readonly Endpoint[];
}
