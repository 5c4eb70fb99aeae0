import type { Etcd3, IKeyValue, IRangeResponse, IResponseHeader } from "etcd3";
import { abortable } from "../../base/signal.ts";
import type { Entry } from "../../model/entry.ts";
import { asFault, isPermissionDenied } from "./errors.ts";
import { ListedEvidence } from "./listed-evidence.ts";
import { EtcdPosition } from "./position.ts";
import type { Range } from "./ranges.ts";
import type { StoredKeys } from "./stored-keys.ts";

/** All entries of some folders at one revision. */
export interface Listing {
  readonly revision: string;
  readonly entries: ReadonlyMap<string, Entry>;
  /** With the ranges that could be read, which are the ranges to watch. */
  readonly position: EtcdPosition;
}

/** The lease of an entry that is on none. */
export const noLease = "0";

/** The number of keys in one request: a page of this size takes some 10 ms to decode. */
const pageSize = 5000;

/**
 * Reads whole folders at one revision. A user may have permission only for the keys below a folder, as
 * `etcdctl role grant-permission --prefix /services/` grants it: then the key with the name of the folder is left out. A
 * user with permission for a part of the keys only is denied the folder: the other keys would seem to be gone.
 */
export async function list(
  client: Etcd3,
  prefixes: readonly string[],
  { url, keys }: Pick<FolderReading, "url" | "keys">,
  signal: AbortSignal,
): Promise<Listing> {
  const entries = new Map<string, Entry>();
  const evidence = new ListedEvidence();
  const onEntry = (kv: IKeyValue) => {
    const entry = entryOf(kv, keys);
    entries.set(entry.key, entry);
    evidence.add(kv);
  };
  const { header, ranges } = await readFolders(client, prefixes, { url, keys, onEntry }, signal);
  const { witnesses, size } = evidence;
  const position = EtcdPosition.listed(prefixes, ranges, { witnesses, size, header });
  return { revision: header?.revision ?? "0", entries, position };
}

interface FolderReading {
  /** For display. */
  readonly url: string;
  readonly keys: StoredKeys;
  /** The header with the revision to read; the latest one without it. */
  readonly at?: IResponseHeader;
  readonly onEntry: (kv: IKeyValue) => void;
}

/** Reads folders, as far as that is permitted. Resolves with the ranges that could be read, and the header of their revision. */
export async function readFolders(
  client: Etcd3,
  prefixes: readonly string[],
  { url, keys, at, onEntry }: FolderReading,
  signal: AbortSignal,
): Promise<{ readonly header: IResponseHeader | undefined; readonly ranges: readonly Range[] }> {
  const ranges: Range[] = [];
  let header = at;
  for (const { folder, below, itself } of keys.rangesOf(prefixes)) {
    try {
      header = await readPages(client, below, header, onEntry, signal);
    } catch (error) {
      signal.throwIfAborted();
      throw asFault(error, url, `read all keys below ${folder || "/"}`);
    }
    ranges.push(below);
    if (!itself) continue;
    try {
      await readPages(client, itself, header, onEntry, signal);
      ranges.push(itself);
    } catch (error) {
      if (!isPermissionDenied(error)) throw error;
    }
  }
  return { header, ranges };
}

/**
 * Reads a range page by page at one revision: that of the header `at`, or of the first page. Resolves with the header that has
 * this revision.
 */
export async function readPages(
  client: Etcd3,
  range: Range,
  at: IResponseHeader | undefined,
  onEntry: (kv: IKeyValue) => void,
  signal: AbortSignal,
): Promise<IResponseHeader> {
  let header = at;
  // No sort_order: etcd returns keys in order, and with sort_order would read the whole range for each page.
  const request = (key: Buffer) => {
    const { revision } = header ?? {};
    return client.kv.range({ ...range, key, limit: pageSize, ...(revision && { revision }) });
  };
  let next: ReturnType<typeof request> | undefined = request(range.key);
  for (;;) {
    const page: IRangeResponse = await abortable(next, signal);
    header ??= page.header;
    const last = page.kvs.at(-1);
    // etcd reads the next page while this one is copied.
    next = page.more && last ? request(Buffer.concat([last.key, Buffer.of(0)])) : undefined;
    page.kvs.forEach(onEntry);
    if (!next) return header;
  }
}

/** Copies key and value into strings: their buffers are slices that would keep the whole page in memory. */
export function entryOf({ key, value, mod_revision, lease }: IKeyValue, keys: StoredKeys): Entry {
  const entry = {
    key: keys.keyOf(key.toString()),
    value: value.toString(),
    revision: mod_revision,
  };
  return lease === noLease ? entry : { ...entry, owner: lease };
}
