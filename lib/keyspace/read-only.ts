import type { Batch, Entry } from "../model/entry.ts";
import { folderOf, isWithin } from "../model/entry.ts";
import type { Keyspace } from "./contract.ts";
import { faults } from "./faults.ts";

/** A keyspace that others write in their own way: no session can be opened. */
export function readOnlyKeyspace(url: string, watch: Keyspace["watch"]): Keyspace {
  return {
    url,
    watch,
    open: async (_ttlMs, signal) => {
      signal.throwIfAborted();
      throw faults.KEYSPACE_READ_ONLY({ url });
    },
    [Symbol.asyncDispose]: async () => {},
  };
}

/** The first batch of a watch of these prefixes. Each value has the same revision. */
export function resetOf(
  values: ReadonlyMap<string, string>,
  prefixes: readonly string[],
  revision: string,
): Batch {
  const folders = prefixes.map(folderOf);
  const entries = new Map<string, Entry>();
  for (const [key, value] of values) {
    if (folders.some((folder) => isWithin(key, folder))) entries.set(key, { key, value, revision });
  }
  return { kind: "reset", revision, entries };
}
