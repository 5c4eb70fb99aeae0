import { isWithin } from "../model/entry.ts";
import type { Pool } from "../model/pool.ts";
import type { Pools } from "./contract.ts";

/** The services within the prefixes of a template. */
export function visibleServices(
  { folder, byName }: Pools,
  prefixes: readonly string[],
): readonly Pool[] {
  const services = [...byName.values()];
  if (prefixes.some((prefix) => isWithin(folder, prefix))) return services;
  return services.filter(({ name }) =>
    prefixes.some((prefix) => isWithin(`${folder}/${name}`, prefix)),
  );
}
