import { type Decoded, decode } from "../model/decode.ts";
import { canonicalAddress } from "../model/endpoint.ts";
import type { Entry } from "../model/entry.ts";
import type { Endpoint, Quarantined } from "../model/pool.ts";
import type { Chunk, Snapshot } from "../model/snapshot.ts";
import type { DecodedChunk, Pools } from "./contract.ts";
import { duplicates } from "./duplicates.ts";
import { beyondLimit, limited } from "./limits.ts";

/** The entries of one service. */
export interface Grouped {
  readonly instances: readonly Endpoint[];
  readonly quarantined: readonly Quarantined[];
}

/** The part that all entries of a service share. */
type Shared = Pick<Pools, "folder" | "limits" | "memo">;

/** Decodes the entries of a service. Instances of `shown` go first where there are more than the limit allows. */
export function group(
  snapshot: Snapshot,
  service: string,
  shown: readonly Endpoint[],
  shared: Shared,
): Grouped {
  const { instances, quarantined } = distinct(snapshot, service, shared);
  const limit = shared.limits.instances;
  if (instances.length <= limit) return { instances, quarantined };
  const keys = new Set(shown.map(({ key }) => key));
  const { within, beyond } = limited(instances, limit, ({ key }) => keys.has(key));
  const names = beyond.map(({ id }) => id);
  const excess = beyondLimit(`${shared.folder}/${service}`, "instances", names, limit, snapshot);
  return { instances: within, quarantined: [...quarantined, excess] };
}

/** The instances of a service, each address once. */
function distinct(snapshot: Snapshot, service: string, shared: Shared): Grouped {
  const { folder, memo } = shared;
  const chunks: DecodedChunk[] = [];
  for (const chunk of snapshot.below(`${folder}/${service}`)) {
    chunks.push(memoized(memo.chunks, chunk, () => decodeChunk(chunk, service, shared)));
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

function decodeChunk(chunk: Chunk, service: string, shared: Shared): DecodedChunk {
  const endpoints: Endpoint[] = [];
  const quarantined: Quarantined[] = [];
  for (const entry of chunk) {
    const decoded = memoized(shared.memo.entries, entry, () => decodeEntry(entry, service, shared));
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

function decodeEntry(entry: Entry, service: string, { folder, limits }: Shared): Decoded {
  const id = entry.key.slice(folder.length + service.length + 2);
  const size = sizeBeyond(entry.value, limits.value);
  if (size === undefined) return decode({ service, id }, entry);
  return { why: `its value has ${size} bytes: watch.limits.value allows ${limits.value}` };
}

/** The bytes of a text if there are more than `limit`. No character has more than three for each unit of its length. */
function sizeBeyond(text: string, limit: number): number | undefined {
  if (text.length * 3 <= limit) return undefined;
  const size = Buffer.byteLength(text);
  return size > limit ? size : undefined;
}
