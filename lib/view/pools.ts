import type { Decoded } from "../model/decode.ts";
import { decode } from "../model/decode.ts";
import type { Entry } from "../model/entry.ts";
import { isInstanceId, isServiceName } from "../model/names.ts";
import type { Endpoint, Pool, Quarantined } from "../model/pool.ts";
import type { Chunk } from "../model/snapshot.ts";
import { Snapshot } from "../model/snapshot.ts";
import type { DecodedChunk, Memo, Pools } from "./contract.ts";

/** The services before any snapshot was seen. */
export function emptyPools(folder: string): Pools {
  const memo: Memo = { chunks: new WeakMap(), entries: new WeakMap() };
  return { folder, snapshot: Snapshot.empty, byName: new Map(), quarantined: new Map(), memo };
}

/**
 * Groups the entries below `folder` by service. Only services with a changed entry are grouped again:
 * the others keep their identity, and so do the endpoints of entries that did not change.
 */
export function pools(previous: Pools, snapshot: Snapshot): Pools {
  const { folder, memo } = previous;
  if (snapshot === previous.snapshot) return previous;
  const byName = new Map(previous.byName);
  const bads = new Map<string, readonly Quarantined[]>();
  let namesChanged = false;
  for (const service of changedServices(previous.snapshot, snapshot, folder)) {
    const { instances, bad } = group(snapshot, service, previous);
    bads.set(service, bad);
    namesChanged ||= byName.has(service) !== instances.length > 0;
    if (instances.length > 0) byName.set(service, { name: service, instances });
    else byName.delete(service);
  }
  const quarantined = updateQuarantined(previous.quarantined, bads);
  return {
    folder,
    snapshot,
    byName: namesChanged ? sortedByName(byName) : byName,
    quarantined,
    memo,
  };
}

/** What is left out now: the same object as before where that has nothing to do with the services that changed. */
function updateQuarantined(
  before: Pools["quarantined"],
  bads: ReadonlyMap<string, readonly Quarantined[]>,
): Pools["quarantined"] {
  const isTouched = [...bads].some(([service, bad]) => bad.length > 0 || before.has(service));
  if (!isTouched) return before;
  return new Map(
    [...before, ...bads].filter(([service, bad]) => (bads.get(service) ?? bad).length > 0),
  );
}

/** Every entry that is left out of the services. */
export function allQuarantined({ quarantined }: Pools): readonly Quarantined[] {
  return [...quarantined.values()].flat();
}

/** By name. */
export function sortedByName(byName: ReadonlyMap<string, Pool>): Map<string, Pool> {
  return new Map([...byName].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The services with an entry that came, went or changed. */
function changedServices(before: Snapshot, after: Snapshot, folder: string): Set<string> {
  const services = Array.from(after.changedSince(before), (key) => serviceOf(key, folder));
  return new Set(services.filter((service) => service !== undefined));
}

/** `web` for `/services/web/10.0.0.1:80`; undefined for what does not lie in a service's folder. */
function serviceOf(key: string, folder: string): string | undefined {
  if (!key.startsWith(`${folder}/`)) return undefined;
  const end = key.indexOf("/", folder.length + 1);
  return end === -1 ? undefined : key.slice(folder.length + 1, end);
}

interface Grouped {
  readonly instances: readonly Endpoint[];
  readonly bad: readonly Quarantined[];
}

function group(snapshot: Snapshot, service: string, { folder, memo }: Pools): Grouped {
  const read: DecodedChunk[] = [];
  for (const chunk of snapshot.below(`${folder}/${service}`)) {
    read.push(memoized(memo.chunks, chunk, () => readChunk(chunk, service, folder, memo)));
  }
  const named = (address: string): Endpoint | undefined => {
    const entry = snapshot.get(`${folder}/${service}/${address}`);
    const found = entry && memo.entries.get(entry);
    return found && "endpoint" in found ? found.endpoint : undefined;
  };
  const repeated = duplicates(
    read.flatMap(({ odd }) => odd),
    named,
  );
  const instances = read.flatMap(({ good }) => good);
  return {
    instances: repeated.size === 0 ? instances : instances.filter((one) => !repeated.has(one)),
    bad: read.flatMap(({ bad }) => bad),
  };
}

/**
 * Two entries may claim the same address, such as those of an agent that restarted under another id: all
 * but the first one in key order are repeats. `named` finds the endpoint whose id is an address.
 */
function duplicates(
  odd: readonly Endpoint[],
  named: (address: string) => Endpoint | undefined,
): ReadonlySet<Endpoint> {
  const firsts = new Map<string, Endpoint>();
  const repeated = new Set<Endpoint>();
  for (const one of odd) {
    const rival = firsts.get(one.address) ?? named(one.address);
    const isRival = rival?.address === one.address;
    const [winner, loser] = isRival && rival.key < one.key ? [rival, one] : [one, rival];
    firsts.set(one.address, winner);
    if (isRival && loser) repeated.add(loser);
  }
  return repeated;
}

function readChunk(chunk: Chunk, service: string, folder: string, memo: Memo): DecodedChunk {
  const good: Endpoint[] = [];
  const bad: Quarantined[] = [];
  for (const entry of chunk) {
    const read = memoized(memo.entries, entry, () => readEntry(entry, service, folder));
    if ("why" in read) bad.push({ key: entry.key, revision: entry.revision, why: read.why });
    else good.push(read.endpoint);
  }
  return { good, bad, odd: good.filter(({ id, address }) => id !== address) };
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

function readEntry(entry: Entry, service: string, folder: string): Decoded {
  const id = entry.key.slice(folder.length + service.length + 2);
  if (!isServiceName(service)) return { why: "no proxy can use the name of this service" };
  if (id.includes("/")) return { why: "it lies deeper than <service>/<instance>" };
  if (!isInstanceId(id)) return { why: "no proxy can use the name of this instance" };
  return decode({ service, id }, entry);
}
