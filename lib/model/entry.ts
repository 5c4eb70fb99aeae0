import type { Quarantined } from "./pool.ts";

/** A key with its value. */
export interface Entry {
  readonly key: string;
  readonly value: string;
  /** The store's revision of the last write: opaque, to be displayed and compared for equality only. */
  readonly revision: string;
  /**
   * The session that keeps the entry in the store (`Session.id`). Absent if none does: the entry was written without a session,
   * or is one of a cached snapshot.
   */
  readonly owner?: string;
}

/** Entries that an agent wants in the keyspace: value by key. */
export type Entries = ReadonlyMap<string, string>;

/**
 * An update from a source: all entries (`reset`), or the changes since the last batch (`delta`). `unreadable` lists all
 * entries that exist but cannot be read, each alone; absent if that has not changed, or in a reset if there are none.
 */
export type Batch =
  | {
      readonly kind: "reset";
      readonly revision: string;
      readonly entries: ReadonlyMap<string, Entry>;
      readonly unreadable?: readonly Quarantined[];
    }
  | {
      readonly kind: "delta";
      readonly revision: string;
      readonly put: ReadonlyMap<string, Entry>;
      readonly gone: readonly string[];
      readonly unreadable?: readonly Quarantined[];
    };

/** Normalizes a folder: `/services/` and `services` become `/services`; the root folder is the empty string. */
export function folderOf(prefix: string): string {
  const trimmed = prefix.replace(/\/+$/, "");
  return trimmed === "" || trimmed.startsWith("/") ? trimmed : `/${trimmed}`;
}

/** Whether `key` is `folder` itself or below it: `/web-2` is not below `/web`. */
export function isWithin(key: string, folder: string): boolean {
  return key.startsWith(folder) && (key.length === folder.length || key[folder.length] === "/");
}

/** The distinct folders of a list, without those below another one in the list. */
export function outermost(folders: readonly string[]): readonly string[] {
  const all = [...new Set(folders)];
  return all.filter((one) => !all.some((other) => other !== one && isWithin(one, other)));
}

/** The folder of the program's own entries, such as those of watchers. */
export const ownFolder = "/sidekick";

/** Whether a prefix covers a key. The root folder covers all keys except the program's own, which concern no file. */
export function covers(prefix: string, key: string): boolean {
  return isWithin(key, prefix) && (prefix !== "" || !isWithin(key, ownFolder));
}

/** The distinct prefixes of a list, without those that another one covers. */
export function outermostPrefixes(prefixes: readonly string[]): readonly string[] {
  const all = [...new Set(prefixes)];
  return all.filter((one) => !all.some((other) => other !== one && covers(other, one)));
}
