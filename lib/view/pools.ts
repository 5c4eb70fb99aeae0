import type { Decoded } from "../model/decode.ts";
import { decode } from "../model/decode.ts";
import { canonicalAddress } from "../model/endpoint.ts";
import type { Entry } from "../model/entry.ts";
import type { Endpoint, Pool, Quarantined } from "../model/pool.ts";
import type { Chunk } from "../model/snapshot.ts";
import { Snapshot } from "../model/snapshot.ts";
import type { DecodedChunk, Memo, Pools } from "./contract.ts";
import { duplicates } from "./duplicates.ts";

/** The services before the first snapshot. */
export function emptyPools(folder: string): Pools {
  const memo: Memo = { chunks: new WeakMap(), entries: new WeakMap() };
  return { folder, snapshot: Snapshot.empty, byName: new Map(), quarantined: new Map(), memo };
}

/**
 * Groups the entries below `folder` by service. Pure. Only services with a changed entry are grouped again: the others
 * keep their identity, and so do the endpoints of entries that have not changed.
 */
export function pools(previous: Pools, snapshot: Snapshot): Pools {
  const { folder, memo } = previous;
  if (snapshot === previous.snapshot) return previous;
  const byName = new Map(previous.byName);
  const updates = new Map<string, readonly Quarantined[]>();
  let namesChanged = false;
  for (const service of changedServices(previous.snapshot, snapshot, folder)) {
    const { instances, quarantined } = group(snapshot, service, previous);
    updates.set(service, quarantined);
    namesChanged ||= byName.has(service) !== instances.length > 0;
    if (instances.length > 0) byName.set(service, { name: service, instances });
    else byName.delete(service);
  }
  return {
    folder,
    snapshot,
    byName: namesChanged ? sortedByName(byName) : byName,
    quarantined: updateQuarantined(previous.quarantined, updates),
    memo,
  };
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
  return new Map([...byName].sort(([a], [b]) => (a < b ? -1 : 1)));
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

interface Grouped {
  readonly instances: readonly Endpoint[];
  readonly quarantined: readonly Quarantined[];
}

function group(snapshot: Snapshot, service: string, { folder, memo }: Pools): Grouped {
  const chunks: DecodedChunk[] = [];
  for (const chunk of snapshot.below(`${folder}/${service}`)) {
    chunks.push(memoized(memo.chunks, chunk, () => decodeChunk(chunk, service, folder, memo)));
  }
  const byAddressId = (address: string): Endpoint | undefined => {
    const entry = snapshot.get(`${folder}/${service}/${address}`);
    const decoded = entry && memo.entries.get(entry);
    return decoded && "endpoint" in decoded ? decoded.endpoint : undefined;
  };
  const repeated = duplicates(
    chunks.flatMap(({ aliases }) => aliases),
    byAddressId,
  );
  const endpoints = chunks.flatMap((chunk) => chunk.endpoints);
  const quarantined = chunks.flatMap((chunk) => chunk.quarantined);
  if (repeated.size === 0) return { instances: endpoints, quarantined };
  return {
    instances: endpoints.filter((one) => !repeated.has(one)),
    quarantined: [...quarantined, ...Array.from(repeated, (pair) => asRepeated(pair, snapshot))],
  };
}

function asRepeated(
  [{ key, address }, served]: readonly [Endpoint, Endpoint],
  snapshot: Snapshot,
): Quarantined {
  const why = `its address ${address} is that of ${served.key}, which is served instead`;
  return { key, revision: snapshot.get(key)?.revision ?? "", why };
}

function decodeChunk(chunk: Chunk, service: string, folder: string, memo: Memo): DecodedChunk {
  const endpoints: Endpoint[] = [];
  const quarantined: Quarantined[] = [];
  for (const entry of chunk) {
    const decoded = memoized(memo.entries, entry, () => decodeEntry(entry, service, folder));
    if ("endpoint" in decoded) endpoints.push(decoded.endpoint);
    else quarantined.push({ key: entry.key, revision: entry.revision, why: decoded.why });
  }
  const aliases = endpoints.filter((endpoint) => endpoint.id !== canonicalAddress(endpoint));
  return { endpoints, quarantined, aliases };
}

function memoized<Key extends object, Value extends object>(
  memo: WeakMap<Key, Value>,
  key: Key,
  make: () => Value,
): Value {
  const known = memo.get(key);
  if (known) return known;
  const made = make();
  memo.set(key, made);
  return made;
}

function decodeEntry(entry: Entry, service: string, folder: string): Decoded {
  const id = entry.key.slice(folder.length + service.length + 2);
  return decode({ service, id }, entry);
}
