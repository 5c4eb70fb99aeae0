import type { Etcd3, IKeyValue, IRangeResponse } from "etcd3";
import { abortable } from "../../base/signal.ts";
import type { Entry } from "../../model/entry.ts";
import { asFault, isPermissionDenied } from "./errors.ts";
import type { FolderRanges, Range } from "./ranges.ts";

/** All entries of some ranges at one revision. */
export interface Listing {
  readonly revision: string;
  readonly entries: ReadonlyMap<string, Entry>;
  /** The ranges that could be read, which are the ranges to watch. */
  readonly ranges: readonly Range[];
}

/** The lease of an entry that is on none. */
export const noLease = "0";

/** The number of keys in one request: a page of this size takes some 10 ms to decode. */
const pageSize = 5000;

/**
 * Reads whole folders at one revision. A user may have permission only for the keys below a folder, as
 * `etcdctl role grant-permission --prefix /services/` grants it: then the key with the name of the folder is left out. A
 * user with permission for a part of the keys only is denied the folder: the other keys would seem to be gone. `url` is
 * for display.
 */
export async function list(
  client: Etcd3,
  folders: readonly FolderRanges[],
  url: string,
  signal: AbortSignal,
): Promise<Listing> {
  const entries = new Map<string, Entry>();
  const ranges: Range[] = [];
  let revision: string | undefined;
  for (const { folder, below, itself } of folders) {
    try {
      revision = await readPages(client, below, revision, entries, signal);
    } catch (error) {
      signal.throwIfAborted();
      throw asFault(error, url, `read all keys below ${folder || "/"}`);
    }
    ranges.push(below);
    if (!itself) continue;
    try {
      await readPages(client, itself, revision, entries, signal);
      ranges.push(itself);
    } catch (error) {
      if (!isPermissionDenied(error)) throw error;
    }
  }
  return { revision: revision ?? "0", entries, ranges };
}

/** Adds a range to the entries, page by page at one revision, which it returns: `revision`, or that of the first page. */
export async function readPages(
  client: Etcd3,
  range: Range,
  revision: string | undefined,
  entries: Map<string, Entry>,
  signal: AbortSignal,
): Promise<string> {
  let at = revision;
  // No sort_order: etcd returns keys in order, and with sort_order would read the whole range for each page.
  const request = (key: Buffer) =>
    client.kv.range({ ...range, key, limit: pageSize, ...(at && { revision: at }) });
  let next: ReturnType<typeof request> | undefined = request(range.key);
  for (;;) {
    const page: IRangeResponse = await abortable(next, signal);
    const shown: string = at ?? page.header.revision;
    at = shown;
    const last = page.kvs.at(-1);
    // etcd reads the next page while this one is copied.
    next = page.more && last ? request(Buffer.concat([last.key, Buffer.of(0)])) : undefined;
    for (const kv of page.kvs) {
      const entry = entryOf(kv);
      entries.set(entry.key, entry);
    }
    if (!next) return shown;
  }
}

/** Copies key and value into strings: their buffers are slices that would keep the whole page in memory. */
export function entryOf({ key, value, mod_revision, lease }: IKeyValue): Entry {
  const entry = { key: key.toString(), value: value.toString(), revision: mod_revision };
  return lease === noLease ? entry : { ...entry, owner: lease };
}
