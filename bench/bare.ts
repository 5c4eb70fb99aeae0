import type { KeyValue } from "./instances.ts";

/** A store's own library as it comes, doing no more than it must: the floor that a figure stands beside. */
export interface Bare {
  /** Writes entries that stay. */
  fill(entries: readonly KeyValue[]): Promise<void>;
  /** Puts entries on one lease or session, `width` at a time. Resolves with what ends it. */
  announce(entries: readonly KeyValue[], width: number): Promise<() => Promise<void>>;
  /** Overwrites an entry. */
  put(entry: KeyValue): Promise<void>;
  /** Reads every key and value below a folder and keeps none of them; how many there are. */
  read(folder: string): Promise<number>;
  /** From here on tells what is put at some keys of a folder. */
  watch(folder: string, keys: ReadonlySet<string>, told: (entry: KeyValue) => void): Promise<void>;
  close(): void;
}
