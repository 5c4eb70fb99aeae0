import { isWithinAny } from "../../model/entry.ts";
import type { Snapshot } from "../../model/snapshot.ts";
import { decodeWatcherEntry, type Watcher, watchersFolder } from "../../model/watcher-entry.ts";

/** An entry that does not count as one of a watcher. */
export interface IgnoredEntry {
  readonly key: string;
  readonly why: string;
}

/** The watchers of one moment. */
export interface Roll {
  readonly watchers: readonly Watcher[];
  readonly ignored: readonly IgnoredEntry[];
  /** When the roll changes without a change of the entries, in milliseconds of the clock; Infinity if it does not. */
  readonly nextDueMs: number;
}

/** A watcher as of its last entry that its session kept. */
interface Known {
  readonly watcher: Watcher;
  /** Until when it counts without such an entry, in milliseconds of the clock; undefined while it has one. */
  readonly untilMs: number | undefined;
}

/**
 * The watchers to believe. A watcher counts while its own session keeps its entry; any other entry may be left for ever, and
 * its acknowledgements may be false. If another client overwrites the entry of a watcher that counted before, that watcher
 * counts on, with its last own entry, for `restoreMs` milliseconds: by then it has restored the entry or has expired.
 */
export class BelievedWatchers {
  readonly #restoreMs: number;
  #known: ReadonlyMap<string, Known> = new Map();

  constructor(restoreMs: number) {
    this.#restoreMs = restoreMs;
  }

  /** The roll at `nowMs`, with the entries of this snapshot. */
  update(snapshot: Snapshot, nowMs: number): Roll {
    const known = new Map<string, Known>();
    const ignored: IgnoredEntry[] = [];
    for (const entry of [...snapshot.below(watchersFolder)].flat()) {
      const { key } = entry;
      const decoded = decodeWatcherEntry(entry);
      if (!("why" in decoded)) {
        known.set(key, { watcher: decoded, untilMs: undefined });
        continue;
      }
      const before = this.#known.get(key);
      const untilMs = before?.untilMs ?? nowMs + this.#restoreMs;
      if (before && untilMs > nowMs) known.set(key, { ...before, untilMs });
      else ignored.push({ key, why: decoded.why });
    }
    for (const { key, why } of snapshot.unreadable) {
      if (isWithinAny(key, [watchersFolder])) ignored.push({ key, why });
    }
    this.#known = known;
    const rest = [...known.values()];
    return {
      watchers: rest.map(({ watcher }) => watcher),
      ignored,
      nextDueMs: Math.min(...rest.map(({ untilMs }) => untilMs ?? Number.POSITIVE_INFINITY)),
    };
  }
}
