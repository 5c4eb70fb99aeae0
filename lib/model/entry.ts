/** A key with its value. */
export interface Entry {
  readonly key: string;
  readonly value: string;
  /** The store's revision that wrote it: opaque, only good for showing and for comparing. */
  readonly revision: string;
}

/** What an agent wants to be in the keyspace: value by key. */
export type Entries = ReadonlyMap<string, string>;

/** What a source has to say: here is everything, or here is what changed since. */
export type Batch =
  | {
      readonly kind: "reset";
      readonly revision: string;
      readonly entries: ReadonlyMap<string, Entry>;
    }
  | {
      readonly kind: "delta";
      readonly revision: string;
      readonly put: ReadonlyMap<string, Entry>;
      readonly gone: readonly string[];
    };

/** `/services`, `/services/` and `services` name the same folder; the root folder is the empty string. */
export function folderOf(prefix: string): string {
  const trimmed = prefix.replace(/\/+$/, "");
  return trimmed === "" || trimmed.startsWith("/") ? trimmed : `/${trimmed}`;
}

/** Whether `key` is `folder` itself or lies below it: `/web-2` does not lie below `/web`. */
export function isWithin(key: string, folder: string): boolean {
  return key.startsWith(folder) && (key.length === folder.length || key[folder.length] === "/");
}

/** The folders of a list, each once, without those that lie within another of them. */
export function outermost(folders: readonly string[]): readonly string[] {
  const all = [...new Set(folders)];
  return all.filter((one) => !all.some((other) => other !== one && isWithin(one, other)));
}
