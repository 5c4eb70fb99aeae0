import type { Changes } from "../model/changes.ts";
import type { Pools } from "./contract.ts";

/** How the services and keys of two moments differ. An unchanged service costs a comparison of references. */
export function changesBetween(before: Pools, now: Pools): Changes {
  const keys = new Map<string, boolean>();
  for (const key of now.snapshot.changedSince(before.snapshot)) {
    keys.set(key, !before.snapshot.get(key) || !now.snapshot.get(key));
  }
  const services = new Set<string>();
  for (const [name, pool] of now.byName) if (before.byName.get(name) !== pool) services.add(name);
  for (const name of before.byName.keys()) if (!now.byName.has(name)) services.add(name);
  return { keys, services };
}
