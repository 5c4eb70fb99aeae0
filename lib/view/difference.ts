import type { Endpoint } from "../model/pool.ts";

/** How the endpoints of a service have changed. */
export interface Difference {
  readonly removed: readonly Endpoint[];
  readonly added: readonly Endpoint[];
  readonly changed: readonly (readonly [before: Endpoint, after: Endpoint])[];
}

/** By list, the list that it was compared with last: several readers compare the same two. */
const compared = new WeakMap<
  readonly Endpoint[],
  { readonly before: WeakRef<readonly Endpoint[]>; readonly found: Difference }
>();

/**
 * Compares two lists in key order, which do not change any more. Their equal first and last parts cost one comparison of
 * references per endpoint, once for the same two lists.
 */
export function difference(before: readonly Endpoint[], after: readonly Endpoint[]): Difference {
  const known = compared.get(after);
  if (known?.before.deref() === before) return known.found;
  const found = unequalParts(before, after);
  compared.set(after, { before: new WeakRef(before), found });
  return found;
}

function unequalParts(before: readonly Endpoint[], after: readonly Endpoint[]): Difference {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before[start] === after[start]) start += 1;
  let [end, newEnd] = [before.length, after.length];
  for (; Math.min(end, newEnd) > start && before[end - 1] === after[newEnd - 1]; end -= 1) {
    newEnd -= 1;
  }
  return compare(before.slice(start, end), after.slice(start, newEnd));
}

function compare(before: readonly Endpoint[], after: readonly Endpoint[]): Difference {
  const removed: Endpoint[] = [];
  const added: Endpoint[] = [];
  const changed: [Endpoint, Endpoint][] = [];
  let [i, j] = [0, 0];
  for (;;) {
    const [old, current] = [before[i], after[j]];
    if (!old || !current) break;
    if (old.key < current.key) removed.push(old);
    else if (old.key > current.key) added.push(current);
    else if (old !== current) changed.push([old, current]);
    if (old.key <= current.key) i += 1;
    if (current.key <= old.key) j += 1;
  }
  return {
    removed: [...removed, ...before.slice(i)],
    added: [...added, ...after.slice(j)],
    changed,
  };
}
