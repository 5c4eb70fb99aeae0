import type { Entry } from "../../model/entry.ts";
import type { Quarantined } from "../../model/pool.ts";
import type { ListSize } from "../list-turns.ts";
import type { ReadEntries } from "./tree.ts";

/** The differences after nodes were read again. */
export interface ReadChanges {
  readonly put: ReadonlyMap<string, Entry>;
  readonly gone: readonly string[];
  /** All entries that cannot be read; undefined if that has not changed. */
  readonly unreadable: readonly Quarantined[] | undefined;
}

type Found = Entry | Quarantined;

/** The entries as of their last read. */
export class ReadState {
  readonly #found = new Map<string, Found>();
  #bytes = 0;

  get size(): ListSize {
    return { entries: this.#found.size, bytes: this.#bytes };
  }

  /** Adds what was read, and returns the differences. */
  update(read: ReadEntries): ReadChanges {
    const put = new Map<string, Entry>();
    const gone: string[] = [];
    let unreadableChanged = false;
    for (const [key, found] of read) {
      const before = this.#found.get(key);
      if (found) this.#found.set(key, found);
      else this.#found.delete(key);
      this.#bytes += bytesOf(found) - bytesOf(before);
      if (isSame(found, before)) continue;
      if (isEntry(found)) put.set(key, found);
      else if (isEntry(before)) gone.push(key);
      unreadableChanged ||= isUnreadable(found) || isUnreadable(before);
    }
    return { put, gone, unreadable: unreadableChanged ? this.#unreadable() : undefined };
  }

  #unreadable(): readonly Quarantined[] {
    return [...this.#found.values()].filter(isUnreadable).sort((a, b) => (a.key < b.key ? -1 : 1));
  }
}

/** What the protocol adds to the path and data of a node that is read, in bytes: about so much. */
const overheadBytes = 100;

function bytesOf(found: Found | undefined): number {
  if (!found) return 0;
  return overheadBytes + found.key.length + (isEntry(found) ? found.value.length : 0);
}

function isEntry(found: Found | undefined): found is Entry {
  return found !== undefined && "value" in found;
}

function isUnreadable(found: Found | undefined): found is Quarantined {
  return found !== undefined && "why" in found;
}

function isSame(one: Found | undefined, other: Found | undefined): boolean {
  const reasons = [one, other].map((found) => (isUnreadable(found) ? found.why : undefined));
  return one?.revision === other?.revision && reasons[0] === reasons[1];
}
