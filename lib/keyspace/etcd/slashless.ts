import type { Etcd3, IKeyValue, IResponseHeader } from "etcd3";
import type { Entry } from "../../model/entry.ts";
import { isPermissionDenied } from "./errors.ts";
import { entryOf, readPages } from "./list.ts";
import type { Range } from "./ranges.ts";

/**
 * The entries at or below a folder such as `services`, or all for the empty string, whose keys do not begin with a slash. A
 * range that the user may not read has none. With `at`, those at the revision of that header.
 */
export async function listSlashless(
  client: Etcd3,
  folder: string,
  signal: AbortSignal,
  at?: IResponseHeader,
): Promise<ReadonlyMap<string, Entry>> {
  const entries = new Map<string, Entry>();
  const onEntry = (kv: IKeyValue) => {
    const entry = entryOf(kv);
    entries.set(entry.key, entry);
  };
  for (const range of folder === "" ? allSlashless : rangesOf(folder)) {
    try {
      await readPages(client, range, at, onEntry, signal);
    } catch (error) {
      if (!isPermissionDenied(error)) throw error;
    }
  }
  return entries;
}

const [slash, afterSlash] = ["/", "0"];

/** The keys before and after those that begin with a slash. A zero byte is the first key, and as `range_end` no end. */
const allSlashless: readonly Range[] = [
  { key: Buffer.of(0), range_end: Buffer.from(slash) },
  { key: Buffer.from(afterSlash), range_end: Buffer.of(0) },
];

function rangesOf(folder: string): readonly Range[] {
  const [from, to] = [`${folder}${slash}`, `${folder}${afterSlash}`];
  return [{ key: Buffer.from(folder) }, { key: Buffer.from(from), range_end: Buffer.from(to) }];
}
