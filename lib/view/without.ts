import type { Pools } from "./contract.ts";
import { instead } from "./instead.ts";
import { emptyPools } from "./pools.ts";

/** The services and keys without some entries. A service that loses all of its instances is absent. */
export function without(pools: Pools, keys: ReadonlySet<string>): Pools {
  return instead(pools, emptyPools(pools.sources), keys);
}
