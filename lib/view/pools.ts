import { byBytes } from "../base/byte-order.ts";
import type { Pool, Quarantined } from "../model/pool.ts";
import { Snapshot } from "../model/snapshot.ts";
import type { Limits, Pools } from "./contract.ts";
import { group } from "./group.ts";
import { beyondLimit, emptyServices, limitedServices, unlimited } from "./limits.ts";
import { emptyMemo } from "./memo.ts";
import { Sources } from "./sources.ts";
import type { Trust } from "./trust/trust.ts";

/** The services before the first snapshot; a folder stands for its sub-folders. */
export function emptyPools(
  place: Sources | string,
  limits: Limits = unlimited,
  trust?: Trust,
): Pools {
  const sources = typeof place === "string" ? new Sources(place) : place;
  return {
    ...{ sources, limits, trust, memo: emptyMemo() },
    snapshot: Snapshot.empty,
    byName: emptyServices,
    beyond: emptyServices,
    quarantined: new Map(),
  };
}

/**
 * Groups the entries by service. Pure. Only services with a changed entry are grouped again: the others
 * keep their identity, and so do the endpoints of entries that have not changed.
 */
export function pools(previous: Pools, snapshot: Snapshot): Pools {
  const { sources, limits, trust, memo } = previous;
  if (snapshot === previous.snapshot) return previous;
  const all = new Map(previous.byName);
  for (const [name, pool] of previous.beyond) all.set(name, pool);
  const updates = new Map<string, readonly Quarantined[]>();
  let namesChanged = false;
  for (const service of changedServices(previous.snapshot, snapshot, sources)) {
    const shown = all.get(service)?.instances ?? [];
    const { instances, unserved, quarantined } = group(snapshot, service, shown, previous);
    updates.set(service, quarantined);
    namesChanged ||= all.has(service) !== instances.length > 0;
    if (instances.length > 0) {
      all.set(service, { name: service, instances, ...(unserved.length > 0 && { unserved }) });
    } else {
      all.delete(service);
      memo.duplicates.delete(service);
    }
  }
  const isSorted = !namesChanged && previous.beyond.size === 0;
  const sorted = isSorted ? all : sortedByName(all);
  const { byName, beyond } = limitedServices(sorted, limits.services, previous.byName);
  const names = [...beyond.keys()];
  const place = sources.folder === false ? "watch.sources" : sources.folder;
  const excess = beyondLimit(place, "services", names, limits.services, snapshot);
  updates.set("/", beyond.size === 0 ? [] : [excess]);
  const quarantined = updateQuarantined(previous.quarantined, updates);
  return { sources, limits, trust, snapshot, byName, beyond, quarantined, memo };
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

/** The services with an entry that was added, changed or removed; for the first snapshot, also those that need no entry. */
function changedServices(before: Snapshot, after: Snapshot, sources: Sources): Set<string> {
  const services = new Set<string>();
  if (before === Snapshot.empty) {
    for (const [name, { instances }] of sources.named) if (instances.length > 0) services.add(name);
  }
  for (const key of after.changedSince(before)) {
    for (const service of sources.servicesOf(key)) services.add(service);
  }
  return services;
}
