import type { Endpoint } from "../model/pool.ts";
import type { Pools } from "./contract.ts";
import { difference } from "./difference.ts";

/** The keys of the instances whose host names have other addresses than before. Services that are the same object cost nothing. */
export function movedInstances(before: Pools, now: Pools): readonly string[] {
  return [...now.byName].flatMap(([name, { instances }]) => {
    const earlier = before.byName.get(name)?.instances ?? instances;
    if (earlier === instances) return [];
    const { changed } = difference(earlier, instances);
    return changed.filter(([a, b]) => hasMoved(a, b)).map(([{ key }]) => key);
  });
}

function hasMoved({ resolved: before }: Endpoint, { resolved: now }: Endpoint): boolean {
  return before !== now && addressesOf(before) !== addressesOf(now);
}

function addressesOf(resolved: Endpoint["resolved"] = []): string {
  return resolved.map(({ address }) => address).join(" ");
}
