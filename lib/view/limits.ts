import type { Pool, Quarantined } from "../model/pool.ts";
import type { Snapshot } from "../model/snapshot.ts";
import type { Limits } from "./contract.ts";

export const unlimited: Limits = {
  services: Number.POSITIVE_INFINITY,
  instances: Number.POSITIVE_INFINITY,
  value: Number.POSITIVE_INFINITY,
};

/** The items up to a limit, and those beyond it, both in their order. */
export interface Limited<Item> {
  readonly within: readonly Item[];
  readonly beyond: readonly Item[];
}

/**
 * Applies a limit. The items that were shown before stay, so that others may come and go without an effect on them; free
 * places go to the first of the others.
 */
export function limited<Item>(
  all: readonly Item[],
  limit: number,
  wasShown: (item: Item) => boolean,
): Limited<Item> {
  if (all.length <= limit) return { within: all, beyond: [] };
  const stay = all.filter(wasShown).slice(0, limit);
  const fresh = all.filter((one) => !wasShown(one)).slice(0, limit - stay.length);
  const shown = new Set([...stay, ...fresh]);
  return {
    within: all.filter((one) => shown.has(one)),
    beyond: all.filter((one) => !shown.has(one)),
  };
}

/** Services by name, up to a limit; `shown` are the previous ones. */
export function limitedServices(
  all: ReadonlyMap<string, Pool>,
  limit: number,
  shown: ReadonlyMap<string, Pool>,
): { readonly byName: ReadonlyMap<string, Pool>; readonly beyond: ReadonlyMap<string, Pool> } {
  if (all.size <= limit) return { byName: all, beyond: emptyServices };
  const { within, beyond } = limited([...all], limit, ([name]) => shown.has(name));
  return { byName: new Map(within), beyond: new Map(beyond) };
}

export const emptyServices: ReadonlyMap<string, Pool> = new Map();

/** The items beyond a limit as one quarantined item: `/services/web/*`, with a count and three examples. */
export function beyondLimit(
  folder: string,
  setting: "services" | "instances",
  names: readonly string[],
  limit: number,
  { revision }: Snapshot,
): Quarantined {
  const count = names.length;
  const examples = `such as ${names.slice(0, 3).join(", ")}`;
  const why = `${count} of its ${limit + count} ${setting}, ${examples}, are beyond watch.limits.${setting} (${limit})`;
  return { key: `${folder}/*`, revision, why, count };
}
