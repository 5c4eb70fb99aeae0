import { createHash } from "node:crypto";
import type { Clock } from "../base/clock.ts";
import type { Fault } from "../base/fault.ts";
import type { WatchPosition } from "../model/entry.ts";
import { faults } from "./faults.ts";

/** What a list has: the number of entries, and their bytes on the way to the reader. */
export interface ListSize {
  readonly entries: number;
  readonly bytes: number;
}

/** A list that follows an earlier one. */
export interface NextList {
  /** For display. */
  readonly url: string;
  /** That of the last batch: a list that has failed does not wait for another turn. */
  readonly position: WatchPosition;
  /** About what it will have. */
  readonly size: ListSize;
  /** Counts the watchers of the keyspace; resolves with undefined if that is not known. Not called for a small list. */
  readonly countWatchers: (signal: AbortSignal) => Promise<number | undefined>;
}

/** Spreads the lists of many watchers, which an outage would otherwise make at the same moment. */
export interface ListTurns {
  /** Resolves when it is this watcher's turn. */
  wait(list: NextList, signal: AbortSignal): Promise<void>;
}

/** What all watchers together list, in bytes per millisecond: 20 MB a second. */
const bytesPerMs = 20_000;

/** The longest time over which lists are spread, in milliseconds. */
const longestMs = 120_000;

/** A list of so many bytes does not wait, however many watchers there are. */
const smallBytes = 10_000;

/** The number of watchers where it is not known: they may not be allowed to have or to count entries of their own. */
const assumedWatchers = 10;

/** A shorter wait is not worth reporting, in milliseconds. */
const reportedMs = 1000;

/**
 * The time over which watchers spread their lists, in milliseconds: what all of them read, at 20 MB a second, and 2 min at the
 * most. A single watcher does not wait.
 */
export function spreadMs(bytes: number, watchers: number): number {
  if (bytes < smallBytes || watchers <= 1) return 0;
  return Math.min(longestMs, (bytes * watchers) / bytesPerMs);
}

/** The place of a watcher in that time, in [0, 1): the same for each of its lists, and even over many watchers. */
export function placeOf(id: string): number {
  return createHash("sha256").update(id).digest().readUInt32BE(0) / 2 ** 32;
}

/** `id` is unique among all watchers. `onWait` is called before a noticeable wait, with its length in milliseconds. */
export function createListTurns(
  id: string,
  clock: Clock,
  onWait: (fault: Fault, waitMs: number) => void,
): ListTurns {
  const place = placeOf(id);
  const dueMs = new WeakMap<WatchPosition, number>();
  return {
    async wait({ url, position, size, countWatchers }, signal) {
      if (size.bytes < smallBytes) return;
      if (!dueMs.has(position)) {
        const watchers = (await countWatchers(signal)) ?? assumedWatchers;
        dueMs.set(position, clock.now() + place * spreadMs(size.bytes, watchers));
      }
      const waitMs = (dueMs.get(position) ?? 0) - clock.now();
      if (waitMs <= 0) return;
      if (waitMs >= reportedMs) onWait(faults.KEYSPACE_LIST_WAITS({ url, ...size }), waitMs);
      await clock.sleep(waitMs, signal);
    },
  };
}
