import { folderOf, outermost } from "../../model/entry.ts";

/** A run of keys as etcd asks for it: from `key` up to, but without, `range_end`; or only `key`. */
export interface Range {
  readonly key: Buffer;
  readonly range_end?: Buffer;
}

/** What a folder is to etcd: the key of its name and all below it, but not `/web-2` beside `/web`. */
export interface FolderRanges {
  readonly below: Range;
  /** Undefined for the root, which is no key. */
  readonly itself: Range | undefined;
}

/** The folders of the prefixes; one that lies within another is covered by that. */
export function rangesOf(prefixes: readonly string[]): readonly FolderRanges[] {
  return outermost(prefixes.map(folderOf)).map((folder) => ({
    // "0" is the character after "/"
    below: { key: Buffer.from(`${folder}/`), range_end: Buffer.from(`${folder}0`) },
    itself: folder === "" ? undefined : { key: Buffer.from(folder) },
  }));
}
