import { folderOf, outermost } from "../../model/entry.ts";

/** A range of keys as etcd takes it: from `key` to `range_end`, exclusive; without `range_end`, only `key`. */
export interface Range {
  readonly key: Buffer;
  readonly range_end?: Buffer;
}

/** The ranges of a folder: the key with its name, and all keys below it, but not `/web-2` beside `/web`. */
export interface FolderRanges {
  /** The empty string for the root. */
  readonly folder: string;
  readonly below: Range;
  /** Undefined for the root, which is not a key. */
  readonly itself: Range | undefined;
}

/** The ranges of the prefixes' folders. A folder within another one is covered by that one. */
export function rangesOf(prefixes: readonly string[]): readonly FolderRanges[] {
  return outermost(prefixes.map(folderOf)).map((folder) => ({
    folder,
    // "0" is the character after "/"
    below: { key: Buffer.from(`${folder}/`), range_end: Buffer.from(`${folder}0`) },
    itself: folder === "" ? undefined : { key: Buffer.from(folder) },
  }));
}
