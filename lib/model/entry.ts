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

/** How far a watch has come, for a later watch of the same source to continue from: opaque to all but the source. */
export type WatchPosition = object;

/**
 * An update from a source: all entries (`reset`), or the changes since the last batch (`delta`). `unreadable` lists all
 * entries that exist but cannot be read, each alone; absent if that has not changed, or in a reset if there are none.
 * `position` is that after the batch, of a source that has them.
 */
export type Batch =
  | {
      readonly kind: "reset";
      readonly revision: string;
      readonly entries: ReadonlyMap<string, Entry>;
      readonly unreadable?: readonly Quarantined[];
      readonly position?: WatchPosition | undefined;
    }
  | {
      readonly kind: "delta";
      readonly revision: string;
      readonly put: ReadonlyMap<string, Entry>;
      readonly gone: readonly string[];
      readonly unreadable?: readonly Quarantined[];
      readonly position?: WatchPosition | undefined;
    };

/** Whether a batch changes nothing: that of a watch which continues from a position. */
export function isEmpty(batch: Batch): boolean {
  if (batch.kind === "reset" || batch.unreadable) return false;
  return batch.put.size === 0 && batch.gone.length === 0;
}

/** Normalizes a folder: `/services/` and `services` become `/services`; the root folder is the empty string. */
export function folderOf(prefix: string): string {
  const trimmed = prefix.replace(/\/+$/, "");
  return trimmed === "" || trimmed.startsWith("/") ? trimmed : `/${trimmed}`;
}

/** Whether `key` is `folder` itself or below it: `/web-2` is not below `/web`. */
export function isWithin(key: string, folder: string): boolean {
  return key.startsWith(folder) && (key.length === folder.length || key[folder.length] === "/");
}

/** The folder that a key or a folder is in; empty for one at the root. */
export function folderAbove(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

/** Folders, in which keys are looked up at the cost of their depth, however many folders there are. */
export class FolderSet {
  readonly #folders: ReadonlySet<string>;
  readonly #hidden: ReadonlySet<string>;

  /** `hidden`: folders that belong to no folder above them. */
  constructor(folders: Iterable<string>, hidden: Iterable<string> = []) {
    this.#folders = new Set(folders);
    this.#hidden = new Set(hidden);
  }

  /** Whether `key` is one of the folders or below one, with no hidden folder between: `/web-2` is not below `/web`. */
  includes(key: string): boolean {
    if (this.#folders.size === 0) return false;
    for (let at = key; at.startsWith("/"); at = folderAbove(at)) {
      if (this.#folders.has(at)) return true;
      if (this.#hidden.has(at)) return false;
    }
    return (key === "" || key.startsWith("/")) && this.#folders.has("");
  }
}

const sets = new WeakMap<readonly string[], FolderSet>();

/** As `FolderSet.includes`, for a list that does not change. */
export function isWithinAny(key: string, folders: readonly string[]): boolean {
  const set = sets.get(folders) ?? new FolderSet(folders);
  sets.set(folders, set);
  return set.includes(key);
}

/** The distinct folders of a list, without those that belong to another one in the list; `hidden` as in `FolderSet`. */
export function outermost(
  folders: readonly string[],
  hidden: readonly string[] = [],
): readonly string[] {
  const all = new FolderSet(folders, hidden);
  return [...new Set(folders)].filter(
    (one) => one === "" || hidden.includes(one) || !all.includes(folderAbove(one)),
  );
}

/** The folder of the program's own entries in a keyspace, such as those of watchers. A prefix above it does not show them. */
export const ownFolder = "/sidekick";

/** The folders of the program's own entries, as paths, if keyspaces are mounted at these folders. */
export function ownFolders(mounted: Iterable<string> = []): readonly string[] {
  return ["", ...mounted].map((folder) => `${folder}${ownFolder}`);
}
