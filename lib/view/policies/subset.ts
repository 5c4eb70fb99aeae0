import type { Counts, Place, Portion, Subset } from "./contract.ts";
import { capacityOf, portionOf, scattered } from "./portions.ts";

/** An overlap below this part of an instance is a rounding error. */
const least = 1e-9;

/**
 * The deterministic aperture of Finagle: instances and watchers lie on a ring, instances with an arc by their weight, and a watcher
 * uses the ones that its own arc overlaps, in proportion to the overlap. The length of an arc is a multiple of the distance of two
 * watchers, the smallest in which `min` instances fit: so the arcs of all watchers cover each point of the ring equally often. Returns all of them if there are
 * no more than `min` that count, and while the place is not known; else the others get nothing.
 */
export function chooseSubset(
  portions: readonly Portion[],
  { min }: Subset,
  place: Place | undefined,
  counts: Counts,
): readonly Portion[] {
  const candidates = portions.filter(({ endpoint, part }) => part > 0 && counts(endpoint));
  if (!place || place.count < 2 || candidates.length <= min) return portions;
  const arcs = candidates.map((one) => one.part * capacityOf(one.endpoint));
  const whole = arcs.reduce((all, one) => all + one, 0);
  const largest = arcs.toSorted((a, b) => b - a).slice(0, min);
  const needed = largest.reduce((all, one) => all + one, 0) / whole;
  const times = Math.max(1, Math.ceil(needed * place.count - least));
  if (times >= place.count) return portions;
  const begin = place.index / place.count;
  const end = begin + times / place.count;
  const parts = new Map<Portion, number>();
  let at = 0;
  for (const one of scattered(candidates)) {
    const arc = (one.part * capacityOf(one.endpoint)) / whole;
    const overlap =
      overlapOf(at, at + arc, begin, end) + overlapOf(at + 1, at + 1 + arc, begin, end);
    if (overlap / arc > least) parts.set(one, Math.min(1, overlap / arc));
    at += arc;
  }
  const why = `subset ${place.index + 1} of ${place.count}`;
  const chosen = `${parts.size} of ${candidates.length} instances`;
  return portions.map((one) => {
    const part = parts.get(one);
    if (part === undefined) return portionOf(one, 0, `${why} does not have it: it has ${chosen}`);
    return portionOf(one, part, `${why} has ${chosen}`);
  });
}

function overlapOf(from: number, to: number, begin: number, end: number): number {
  return Math.max(0, Math.min(to, end) - Math.max(from, begin));
}
