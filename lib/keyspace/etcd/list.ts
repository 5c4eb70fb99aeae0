import type { Etcd3, IKeyValue } from "etcd3";
import { abortable } from "../../base/signal.ts";
import type { Entry } from "../../model/entry.ts";
import { isDenied } from "./errors.ts";
import type { FolderRanges, Range } from "./ranges.ts";

/** Everything in some ranges at one revision. */
export interface Listing {
  readonly revision: string;
  readonly entries: ReadonlyMap<string, Entry>;
  /** The ranges that were read: those to be watched from here on. */
  readonly ranges: readonly Range[];
}

/** How many keys are asked for at once: a page of them takes some 10 ms to decode. */
const pageSize = 5000;

/**
 * Reads whole folders, all at the same revision. A user may have been granted only what lies below a
 * folder, as `etcdctl role grant-permission --prefix /services/` does: then the key of its name is left out.
 */
export async function list(
  client: Etcd3,
  folders: readonly FolderRanges[],
  signal: AbortSignal,
): Promise<Listing> {
  const entries = new Map<string, Entry>();
  const ranges: Range[] = [];
  let revision: string | undefined;
  for (const { below, itself } of folders) {
    revision = await readPages(client, below, revision, entries, signal);
    ranges.push(below);
    if (!itself) continue;
    try {
      await readPages(client, itself, revision, entries, signal);
      ranges.push(itself);
    } catch (error) {
      if (!isDenied(error)) throw error;
    }
  }
  return { revision: revision ?? "0", entries, ranges };
}

/** Adds a range to the entries, in pages of one revision, which it returns. */
async function readPages(
  client: Etcd3,
  range: Range,
  revision: string | undefined,
  entries: Map<string, Entry>,
  signal: AbortSignal,
): Promise<string> {
  let [key, at] = [range.key, revision];
  for (;;) {
    // No sort_order: with it etcd would read the whole range for each page. By key is how it comes.
    const asked = { ...range, key, limit: pageSize, ...(at && { revision: at }) };
    const page = await abortable(client.kv.range(asked), signal);
    at ??= page.header.revision;
    for (const kv of page.kvs) {
      const entry = entryOf(kv);
      entries.set(entry.key, entry);
    }
    const last = page.kvs.at(-1);
    if (!page.more || !last) return at;
    key = Buffer.concat([last.key, Buffer.of(0)]);
  }
}

/** Copies into strings: the buffers are slices that would keep their whole page alive. */
export function entryOf({ key, value, mod_revision }: IKeyValue): Entry {
  return { key: key.toString(), value: value.toString(), revision: mod_revision };
}
