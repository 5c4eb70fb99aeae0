import type { Endpoint } from "../model/pool.ts";
import type { Pools } from "./contract.ts";

/**
 * The keys of the instances that take requests at an address (`host:port`). A template may name a pool of a proxy as it likes: of several
 * services at one address, the one with its name counts; without it, all of them.
 */
export function keysAt(
  { byName }: Pick<Pools, "byName">,
  pool: string,
  address: string,
): readonly string[] {
  const named = byName.get(pool)?.instances.filter((one) => isAt(one, address)) ?? [];
  const found =
    named.length > 0
      ? named
      : byName.values().flatMap(({ instances }) => instances.filter((one) => isAt(one, address)));
  return Array.from(found, ({ key }) => key);
}

function isAt({ weight, retained, resolved, address: own }: Endpoint, address: string): boolean {
  if (weight === 0 || retained) return false;
  return own === address || (resolved?.some((one) => one.address === address) ?? false);
}
