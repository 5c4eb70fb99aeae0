import type { KeyValue } from "./instances.ts";

/** The plain library of a store, doing the minimum: the floor with which a figure is compared. */
export interface Bare {
  /** Writes persistent entries. */
  fill(entries: readonly KeyValue[]): Promise<void>;
  /** Puts entries on one lease or session, `width` at a time. Resolves with the function that ends it. */
  register(entries: readonly KeyValue[], width: number): Promise<() => Promise<void>>;
  /** Overwrites an entry. */
  put(entry: KeyValue): Promise<void>;
  /** Reads all keys and values below a folder without keeping them. Resolves with their number. */
  read(folder: string): Promise<number>;
  /** Calls `onPut` for each put of these keys of a folder from now on. */
  watch(folder: string, keys: ReadonlySet<string>, onPut: (entry: KeyValue) => void): Promise<void>;
  close(): void;
}
