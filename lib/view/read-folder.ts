import { joined } from "../base/joined.ts";
import { decode } from "../model/decode.ts";
import { canonicalAddress } from "../model/endpoint.ts";
import type { Entry } from "../model/entry.ts";
import type { Endpoint, Quarantined } from "../model/pool.ts";
import type { Chunk, Snapshot } from "../model/snapshot.ts";
import type { Limits } from "./contract.ts";
import type { DecodedChunk } from "./decoded-chunk.ts";
import type { Read } from "./memo.ts";
import type { ServiceFolder } from "./sources.ts";
import type { Trust } from "./trust/trust.ts";

/** The entries of one folder of a service. */
export interface FolderEntries {
  readonly chunks: readonly DecodedChunk[];
  /** The endpoint that has an address as its id. */
  readonly byAddressId: (address: string) => Endpoint | undefined;
}

/** A folder to read for a service. */
export interface FolderReading {
  readonly service: string;
  readonly folder: ServiceFolder;
  /** Whether keys in its sub-folders are entries, too, which cannot be used. */
  readonly isDeep: boolean;
  readonly limits: Limits;
  /** Undefined where all entries are trusted. */
  readonly trust: Trust | undefined;
}

/** Decodes the entries of a folder; unchanged ones are not decoded again. */
export function readFolder(snapshot: Snapshot, reading: FolderReading): FolderEntries {
  const { path, memo } = reading.folder;
  const chunks: DecodedChunk[] = [];
  for (const chunk of snapshot.below(path)) {
    chunks.push(memoized(memo.chunks, chunk, () => decodeChunk(chunk, reading)));
  }
  const byAddressId = (address: string): Endpoint | undefined => {
    const entry = snapshot.get(`${path}/${address}`);
    const decoded = entry && memo.entries.get(entry);
    return decoded && "endpoint" in decoded ? decoded.endpoint : undefined;
  };
  return { chunks, byAddressId };
}

export function endpointsOf({ chunks }: FolderEntries): readonly Endpoint[] {
  return joined(chunks.map(({ endpoints }) => endpoints));
}

export function quarantinedOf({ chunks }: FolderEntries): readonly Quarantined[] {
  return chunks.flatMap(({ quarantined }) => quarantined);
}

export function hasInstances({ chunks }: FolderEntries): boolean {
  return chunks.some(({ endpoints }) => endpoints.length > 0);
}

function decodeChunk(chunk: Chunk, reading: FolderReading): DecodedChunk {
  const { folder, isDeep } = reading;
  const endpoints: Endpoint[] = [];
  const quarantined: Quarantined[] = [];
  for (const entry of chunk) {
    if (!isDeep && entry.key.includes("/", folder.path.length + 1)) continue;
    const decoded = memoized(folder.memo.entries, entry, () => decodeEntry(entry, reading));
    if ("endpoint" in decoded) endpoints.push(decoded.endpoint);
    else quarantined.push({ key: entry.key, revision: entry.revision, ...decoded });
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

function decodeEntry(entry: Entry, { service, folder, limits, trust }: FolderReading): Read {
  const id = entry.key.slice(folder.path.length + 1);
  const size = sizeBeyond(entry.value, limits.value);
  if (size !== undefined)
    return { why: `its value has ${size} bytes: watch.limits.value allows ${limits.value}` };
  const decoded = decode({ service, id }, entry, folder);
  const why = "endpoint" in decoded ? trust?.refuses(decoded.endpoint, entry) : undefined;
  return why === undefined ? decoded : { why, isUntrusted: true };
}

/** The bytes of a text if there are more than `limit`. No character has more than three for each unit of its length. */
function sizeBeyond(text: string, limit: number): number | undefined {
  if (text.length * 3 <= limit) return undefined;
  const size = Buffer.byteLength(text);
  return size > limit ? size : undefined;
}
