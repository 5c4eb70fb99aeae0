import { byBytes, hasUnitsOutOfOrder, sortedByBytes } from "../base/byte-order.ts";
import { lowerBound } from "../base/lower-bound.ts";
import type { Entry } from "../model/entry.ts";

/** The values of some entries in the order of their bytes. */
export interface SortedValues {
  readonly of: readonly Entry[];
  readonly sorted: readonly string[];
  /** Whether the order is that of the UTF-16 units, too. */
  readonly isPlain: boolean;
}

/** The values of `now`, made from those of an earlier list by removals and insertions if there are few. */
export function sortedValues(
  now: readonly Entry[],
  before: SortedValues | undefined,
): SortedValues {
  const updated = before?.isPlain ? updatedValues(before, now) : undefined;
  if (updated) return { of: now, sorted: updated, isPlain: true };
  const sorted = sortedByBytes(now.map(({ value }) => value));
  return { of: now, sorted, isPlain: !sorted.some(hasUnitsOutOfOrder) };
}

/** Undefined if there are many differences, or if the order of a new value depends on the encoding. */
function updatedValues(
  { of: before, sorted }: SortedValues,
  now: readonly Entry[],
): readonly string[] | undefined {
  const { gone, come } = difference(before, now);
  const isMany = gone.length + come.length > now.length / 8;
  if (isMany || come.some(({ value }) => hasUnitsOutOfOrder(value))) return undefined;
  const result = [...sorted];
  for (const { value } of gone) result.splice(lowerBound(result, value), 1);
  for (const { value } of come) result.splice(lowerBound(result, value), 0, value);
  return result;
}

/** The entries that are only in `before` (gone) and only in `now` (come). Both lists are in key order. */
function difference(before: readonly Entry[], now: readonly Entry[]) {
  const gone: Entry[] = [];
  const come: Entry[] = [];
  let [i, j] = [0, 0];
  while (i < before.length || j < now.length) {
    const [old, current] = [before[i], now[j]];
    if (old === current) {
      i += 1;
      j += 1;
    } else if (old && (!current || compareKeys(old, current) <= 0)) {
      gone.push(old);
      i += 1;
    } else if (current) {
      come.push(current);
      j += 1;
    }
  }
  return { gone, come };
}

function compareKeys({ key: a }: Entry, { key: b }: Entry): number {
  if (hasUnitsOutOfOrder(a) && hasUnitsOutOfOrder(b)) return byBytes(a, b);
  return a < b ? -1 : a === b ? 0 : 1;
}
