import type { Stat } from "node-zookeeper-client";

/** A node with its data. */
export interface Node {
  readonly value: string;
  /** The transaction that created it. */
  readonly created: string;
  /** The transaction that last wrote its data. */
  readonly revision: string;
  /** The session of an ephemeral node; undefined for a persistent one. */
  readonly owner: bigint | undefined;
  readonly version: number;
  readonly children: number;
  /** How many times a child was created or removed. */
  readonly childChanges: number;
}

/** A node at the version at which it was read. */
export interface NodeVersion {
  readonly path: string;
  readonly version: number;
}

export function nodeOf(data: Buffer | undefined, stat: Stat): Node {
  const owner = stat.ephemeralOwner.readBigUInt64BE();
  return {
    value: data?.toString() ?? "",
    created: String(stat.czxid.readBigUInt64BE()),
    revision: String(stat.mzxid.readBigUInt64BE()),
    owner: owner === 0n ? undefined : owner,
    version: stat.version,
    children: stat.numChildren,
    childChanges: stat.cversion,
  };
}
