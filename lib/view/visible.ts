import { isWithin } from "../model/entry.ts";
import type { Pool } from "../model/pool.ts";
import type { Pools } from "./contract.ts";

/** The services within the prefixes of a template: a source if all of its folders are. */
export function visibleServices(
  { sources, byName }: Pools,
  prefixes: readonly string[],
): readonly Pool[] {
  const { folder, named } = sources;
  const services = [...byName.values()];
  const hidden = sources.hiddenBy(prefixes);
  const seesAll = folder === false || prefixes.some((prefix) => isWithin(folder, prefix));
  if (seesAll && hidden.size === 0) return services;
  return services.filter(({ name }) => {
    if (named.has(name)) return !hidden.has(name);
    return seesAll || prefixes.some((prefix) => isWithin(`${folder}/${name}`, prefix));
  });
}
