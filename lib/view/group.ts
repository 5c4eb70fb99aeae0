import { joined } from "../base/joined.ts";
import type { Endpoint, Quarantined } from "../model/pool.ts";
import type { Snapshot } from "../model/snapshot.ts";
import type { Pools } from "./contract.ts";
import { DuplicateIndex } from "./duplicates.ts";
import { beyondLimit, limited } from "./limits.ts";
import type { Memo } from "./memo.ts";
import {
  endpointsOf,
  type FolderEntries,
  hasInstances,
  quarantinedOf,
  readFolder,
} from "./read-folder.ts";

/** The entries of one service. */
export interface Grouped {
  readonly instances: readonly Endpoint[];
  /** As `Pool.unserved`. */
  readonly unserved: readonly Endpoint[];
  readonly quarantined: readonly Quarantined[];
}

/** The part that all entries of a service share. */
type Shared = Pick<Pools, "sources" | "limits" | "trust" | "memo">;

/** Decodes the entries of a service. Instances of `shown` go first where there are more than the limit allows. */
export function group(
  snapshot: Snapshot,
  service: string,
  shown: readonly Endpoint[],
  shared: Shared,
): Grouped {
  const found = grouped(snapshot, service, shared);
  const { instances, unserved, quarantined } = found;
  const limit = shared.limits.instances;
  if (instances.length <= limit) return found;
  const keys = new Set(shown.map(({ key }) => key));
  const { within, beyond } = limited(instances, limit, ({ key }) => keys.has(key));
  const names = beyond.map(({ id }) => id);
  const excess = beyondLimit(shared.sources.placeOf(service), "instances", names, limit, snapshot);
  return {
    instances: within,
    unserved: [...unserved, ...beyond],
    quarantined: [...quarantined, excess],
  };
}

/** The instances of a service, each address once. */
function grouped(snapshot: Snapshot, service: string, shared: Shared): Grouped {
  const { sources, limits, trust, memo } = shared;
  const source = sources.named.get(service);
  if (!source) {
    const folder = { path: `${sources.folder}/${service}`, memo };
    const only = readFolder(snapshot, { service, folder, isDeep: true, limits, trust });
    return distinct([only], indexFor(service, memo), snapshot);
  }
  const folders = (sources.foldersOf(service) ?? []).map((folder) =>
    readFolder(snapshot, { service, folder, isDeep: false, limits, trust }),
  );
  const used = source.mode === "first" ? folders.filter(hasInstances).slice(0, 1) : folders;
  const found = distinct(used, indexFor(service, memo), snapshot);
  const others = folders.filter((one) => !used.includes(one));
  return {
    instances: found.instances.length > 0 ? found.instances : source.instances,
    unserved: [...found.unserved, ...others.flatMap(endpointsOf)],
    quarantined: [...found.quarantined, ...others.flatMap(quarantinedOf)],
  };
}

function indexFor(service: string, { duplicates }: Memo): DuplicateIndex {
  const index = duplicates.get(service) ?? new DuplicateIndex();
  duplicates.set(service, index);
  return index;
}

/** The instances of some folders, each address once. */
function distinct(
  folders: readonly FolderEntries[],
  index: DuplicateIndex,
  snapshot: Snapshot,
): Grouped {
  const all = joined(folders.map(endpointsOf));
  const endpoints = folders.length > 1 ? all.toSorted(byKey) : all;
  const quarantined = folders.flatMap(quarantinedOf);
  // Within one folder only aliases can repeat an address; those of another folder can all be in this one, too.
  const byAddressId = folders.length > 1 ? undefined : folders[0]?.byAddressId;
  const repeated = index.of({ chunks: folders.flatMap(({ chunks }) => chunks), byAddressId });
  if (repeated.size === 0) return { instances: endpoints, unserved: [], quarantined };
  return {
    instances: endpoints.filter((one) => !repeated.has(one)),
    unserved: [...repeated.keys()],
    quarantined: [...quarantined, ...Array.from(repeated, (pair) => asRepeated(pair, snapshot))],
  };
}

function byKey(a: Endpoint, b: Endpoint): number {
  return a.key < b.key ? -1 : 1;
}

function asRepeated(
  [{ key, address }, served]: readonly [Endpoint, Endpoint],
  snapshot: Snapshot,
): Quarantined {
  const why = `its address ${address} is that of ${served.key}, which is served instead`;
  return { key, revision: snapshot.get(key)?.revision ?? "", why };
}
