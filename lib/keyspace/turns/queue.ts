import type { Snapshot } from "../../model/snapshot.ts";
import { decodeTurn, type QueuedTurn } from "../../model/turn-entry.ts";

/** The watchers that reload or wait for that, at one moment. */
export interface Queue {
  /** The one that has queued first comes first. */
  readonly turns: readonly QueuedTurn[];
  /** The entries that do not count. */
  readonly ignored: readonly { readonly key: string; readonly why: string }[];
}

/** A place in a queue. */
export interface Place {
  /** How many are before it; 0 for the first one. */
  readonly before: number;
  /** How many are in the queue. */
  readonly of: number;
  /** How many may reload at a time: the smallest number that any of them has announced. */
  readonly slots: number;
}

/** The queue in the folder of a group. */
export function queueIn(snapshot: Snapshot, folder: string): Queue {
  const turns: QueuedTurn[] = [];
  const ignored: { readonly key: string; readonly why: string }[] = [];
  for (const entry of [...snapshot.below(folder)].flat()) {
    const turn = decodeTurn(entry);
    if ("why" in turn) ignored.push({ key: entry.key, why: turn.why });
    else turns.push(turn);
  }
  return { turns: turns.toSorted(inOrder), ignored };
}

/**
 * The place of a key; undefined if the queue does not have it. A list of the store with a key has all entries that were written before
 * it, so that none before it is missing: one that is out of date only has more of them.
 */
export function placeIn({ turns }: Queue, key: string): Place | undefined {
  const before = turns.findIndex((turn) => turn.key === key);
  if (before < 0) return undefined;
  return { before, of: turns.length, slots: Math.min(...turns.map(({ max }) => max)) };
}

/** Whether it is the turn of a place. */
export function holds({ before, slots }: Place): boolean {
  return before < slots;
}

/** The entries whose turn it is, of the queue of a group. */
export function holdersIn(queue: Queue): readonly QueuedTurn[] {
  return queue.turns.filter(({ key }) => {
    const place = placeIn(queue, key);
    return place !== undefined && holds(place);
  });
}

function inOrder(a: QueuedTurn, b: QueuedTurn): number {
  if (a.revision !== b.revision) return a.revision < b.revision ? -1 : 1;
  return a.key < b.key ? -1 : 1;
}
