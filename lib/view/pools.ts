import { byBytes } from "../base/byte-order.ts";
import type { Pool, Quarantined } from "../model/pool.ts";
import { Snapshot } from "../model/snapshot.ts";
import type { Limits, Memo, Pools } from "./contract.ts";
import { group } from "./group.ts";
import { beyondLimit, emptyServices, limitedServices, unlimited } from "./limits.ts";

/** The services before the first snapshot. */
export function emptyPools(folder: string, limits: Limits = unlimited): Pools {
  const memo: Memo = { chunks: new WeakMap(), entries: new WeakMap() };
  return {
    ...{ folder, limits, memo },
    snapshot: Snapshot.empty,
    byName: emptyServices,
    beyond: emptyServices,
    quarantined: new Map(),
  };
}

/**
 * Groups the entries below `folder` by service. Pure. Only services with a changed entry are grouped again: the others
 * keep their identity, and so do the endpoints of entries that have not changed.
 */
export function pools(previous: Pools, snapshot: Snapshot): Pools {
  const { folder, limits, memo } = previous;
  if (snapshot === previous.snapshot) return previous;
  const all = new Map(previous.byName);
  for (const [name, pool] of previous.beyond) all.set(name, pool);
  const updates = new Map<string, readonly Quarantined[]>();
  let namesChanged = false;
  for (const service of changedServices(previous.snapshot, snapshot, folder)) {
    const shown = all.get(service)?.instances ?? [];
    const { instances, quarantined } = group(snapshot, service, shown, previous);
    updates.set(service, quarantined);
    namesChanged ||= all.has(service) !== instances.length > 0;
    if (instances.length > 0) all.set(service, { name: service, instances });
    else all.delete(service);
  }
  const isSorted = !namesChanged && previous.beyond.size === 0;
  const sorted = isSorted ? all : sortedByName(all);
  const { byName, beyond } = limitedServices(sorted, limits.services, previous.byName);
  const names = [...beyond.keys()];
  const excess = beyondLimit(folder, "services", names, limits.services, snapshot);
  updates.set("/", beyond.size === 0 ? [] : [excess]);
  const quarantined = updateQuarantined(previous.quarantined, updates);
  return { folder, limits, snapshot, byName, beyond, quarantined, memo };
}

/** The quarantined entries after the updates of some services; the same object if nothing has changed. */
function updateQuarantined(
  before: Pools["quarantined"],
  updates: ReadonlyMap<string, readonly Quarantined[]>,
): Pools["quarantined"] {
  const hasChanged = [...updates].some(([name, entries]) => entries.length > 0 || before.has(name));
  if (!hasChanged) return before;
  return new Map(
    [...before, ...updates].filter(([name, entries]) => (updates.get(name) ?? entries).length > 0),
  );
}

/** The quarantined entries of all services. */
export function allQuarantined({ quarantined }: Pools): readonly Quarantined[] {
  return [...quarantined.values()].flat();
}

export function sortedByName(byName: ReadonlyMap<string, Pool>): Map<string, Pool> {
  return new Map([...byName].sort(([a], [b]) => byBytes(a, b)));
}

/** The services with an entry that was added, changed or removed. */
function changedServices(before: Snapshot, after: Snapshot, folder: string): Set<string> {
  const services = Array.from(after.changedSince(before), (key) => serviceOf(key, folder));
  return new Set(services.filter((service) => service !== undefined));
}

/** `web` for `/services/web/10.0.0.1:80`; undefined for a key outside of a service's folder. */
function serviceOf(key: string, folder: string): string | undefined {
  if (!key.startsWith(`${folder}/`)) return undefined;
  const end = key.indexOf("/", folder.length + 1);
  return end === -1 ? undefined : key.slice(folder.length + 1, end);
}
