import { isWithinAny } from "../../../lib/model/entry.ts";
import type { Pools } from "../../../lib/view/contract.ts";
import { visibleChanges } from "../../../lib/view/visible.ts";
import type { GroupFile } from "../groups.ts";

/** Whether the last rendering of a file has read a key, by itself, in a list, or as an instance of a service. */
export function reads({ plan, source }: GroupFile, key: string, pools: Pools): boolean {
  const services = new Set(pools.sources.servicesOf(key));
  const keys = new Map(isWithinAny(key, plan.prefixes) ? [[key, true]] : []);
  return source.reads.includes(visibleChanges({ keys, services }, pools, plan.prefixes));
}

/** The same for a service, also for its instances without entries. */
export function readsService({ plan, source }: GroupFile, service: string, pools: Pools): boolean {
  const changes = { keys: new Map<string, boolean>(), services: new Set([service]) };
  return source.reads.includes(visibleChanges(changes, pools, plan.prefixes));
}
