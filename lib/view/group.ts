import type { Endpoint, Quarantined } from "../model/pool.ts";
import type { Snapshot } from "../model/snapshot.ts";
import type { Pools } from "./contract.ts";
import { duplicates } from "./duplicates.ts";
import { beyondLimit, limited } from "./limits.ts";
import {
  endpointsOf,
  type FolderEntries,
  hasInstances,
  quarantinedOf,
  readFolder,
  sizeOf,
} from "./read-folder.ts";

/** The entries of one service. */
export interface Grouped {
  readonly instances: readonly Endpoint[];
  /** As `Pool.unserved`. */
  readonly unserved: readonly Endpoint[];
  readonly quarantined: readonly Quarantined[];
}

/** The part that all entries of a service share. */
type Shared = Pick<Pools, "sources" | "limits" | "memo">;

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
  const { sources, limits, memo } = shared;
  const source = sources.named.get(service);
  if (!source) {
    const folder = { path: `${sources.folder}/${service}`, memo };
    return distinct([readFolder(snapshot, { service, folder, isDeep: true, limits })], snapshot);
  }
  const folders = (sources.foldersOf(service) ?? []).map((folder) =>
    readFolder(snapshot, { service, folder, isDeep: false, limits }),
  );
  const used = source.mode === "first" ? folders.filter(hasInstances).slice(0, 1) : folders;
  const found = distinct(used, snapshot);
  const others = folders.filter((one) => !used.includes(one));
  return {
    instances: found.instances.length > 0 ? found.instances : source.instances,
    unserved: [...found.unserved, ...others.flatMap(endpointsOf)],
    quarantined: [...found.quarantined, ...others.flatMap(quarantinedOf)],
  };
}

/** The instances of some folders, each address once. */
function distinct(folders: readonly FolderEntries[], snapshot: Snapshot): Grouped {
  const endpoints = folders.flatMap(endpointsOf);
  const quarantined = folders.flatMap(quarantinedOf);
  const [first, ...others] = folders.toSorted((a, b) => sizeOf(b) - sizeOf(a));
  if (!first) return { instances: endpoints, unserved: [], quarantined };
  // Within one folder only aliases can repeat an address; those of another folder can all be in this one, too.
  const aliases = first.chunks.flatMap((chunk) => chunk.aliases);
  const candidates = [...aliases, ...others.flatMap(endpointsOf)];
  const isMixed = others.length > 0;
  const repeated = duplicates(isMixed ? candidates.sort(byKey) : candidates, first.byAddressId);
  if (isMixed) endpoints.sort(byKey);
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
