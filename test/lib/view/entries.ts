import { Snapshot } from "../../../lib/model/snapshot.ts";
import type { Pools } from "../../../lib/view/contract.ts";
import { emptyPools, pools } from "../../../lib/view/pools.ts";

/** The pools of a keyspace with these keys and values. */
export function poolsWith(values: Readonly<Record<string, string>>, revision = "1"): Pools {
  const entries = Object.entries(values).map(([key, value]) => ({ key, value, revision }));
  const byKey = new Map(entries.map((entry) => [entry.key, entry]));
  const snapshot = Snapshot.empty.after({ kind: "reset", revision, entries: byKey });
  return pools(emptyPools("/services"), snapshot);
}
