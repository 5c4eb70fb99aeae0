import type { Endpoint } from "../model/pool.ts";

/** How the endpoints of a service differ from what they were. */
export interface Difference {
  readonly removed: readonly Endpoint[];
  readonly added: readonly Endpoint[];
  readonly changed: readonly (readonly [before: Endpoint, after: Endpoint])[];
}

/** Compares two lists in key order: what they begin and end with alike costs a comparison of references. */
export function difference(before: readonly Endpoint[], after: readonly Endpoint[]): Difference {
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
  const gone: Endpoint[] = [];
  const come: Endpoint[] = [];
  const changed: [Endpoint, Endpoint][] = [];
  let [i, j] = [0, 0];
  for (;;) {
    const [old, young] = [before[i], after[j]];
    if (!old || !young) break;
    if (old.key < young.key) gone.push(old);
    else if (old.key > young.key) come.push(young);
    else if (old !== young) changed.push([old, young]);
    if (old.key <= young.key) i += 1;
    if (young.key <= old.key) j += 1;
  }
  return { removed: [...gone, ...before.slice(i)], added: [...come, ...after.slice(j)], changed };
}
