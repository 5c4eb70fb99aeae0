import type { Etcd3, IKeyValue, IResponseHeader } from "etcd3";
import type { Entry } from "../../model/entry.ts";
import { isPermissionDenied } from "./errors.ts";
import { entryOf, readPages } from "./list.ts";
import { asTheyAre, slashlessRanges } from "./stored-keys.ts";

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
    const entry = entryOf(kv, asTheyAre);
    entries.set(entry.key, entry);
  };
  for (const range of slashlessRanges(folder)) {
    try {
      await readPages(client, range, at, onEntry, signal);
    } catch (error) {
      if (!isPermissionDenied(error)) throw error;
    }
  }
  return entries;
}
