import type { Endpoint } from "../../model/pool.ts";

/** An instance that is back within so many milliseconds is not new. */
const absenceMs = 30_000;

/** When the instances of a service were first seen, as far as it matters. Times are milliseconds on the caller's clock. */
export interface Arrivals {
  /** The keys of those that take requests. */
  readonly present: ReadonlySet<string>;
  /** Of the new ones among them, since when. */
  readonly newSinceMs: ReadonlyMap<string, number>;
  /** Of those that took requests until recently, when they were last there, and since when they were new. */
  readonly gone: ReadonlyMap<string, { readonly atMs: number; readonly sinceMs?: number }>;
}

/** Of a service that is seen for the first time, no instance is new, but for the ones that were at the end of an earlier process. */
export function firstArrivals(
  instances: readonly Endpoint[],
  newBeforeMs: ReadonlyMap<string, number> = new Map(),
): Arrivals {
  const present = keysOf(instances);
  const newSinceMs = new Map([...newBeforeMs].filter(([key]) => present.has(key)));
  return { present, newSinceMs, gone: new Map() };
}

/**
 * The arrivals after another look at the service: an instance is new for `windowMs` milliseconds after it has begun to take requests,
 * unless it did so less than 30 s ago. None is new if more than half of them are: they have to carry all requests.
 */
export function arrive(
  before: Arrivals,
  instances: readonly Endpoint[],
  windowMs: number,
  nowMs: number,
): Arrivals {
  const present = keysOf(instances);
  const gone = new Map([...before.gone].filter(([, { atMs }]) => nowMs - atMs < absenceMs));
  const newSinceMs = new Map<string, number>();
  for (const key of before.present) {
    const sinceMs = before.newSinceMs.get(key);
    if (!present.has(key))
      gone.set(key, { atMs: nowMs, ...(sinceMs !== undefined && { sinceMs }) });
  }
  for (const key of present) {
    const back = gone.get(key);
    const isKnown = before.present.has(key) || back !== undefined;
    const sinceMs = isKnown ? (before.newSinceMs.get(key) ?? back?.sinceMs) : nowMs;
    if (sinceMs !== undefined && nowMs - sinceMs < windowMs) newSinceMs.set(key, sinceMs);
    gone.delete(key);
  }
  const areMostNew = newSinceMs.size * 2 > present.size;
  return { present, newSinceMs: areMostNew ? new Map() : newSinceMs, gone };
}

function keysOf(instances: readonly Endpoint[]): ReadonlySet<string> {
  return new Set(instances.flatMap(({ key, weight }) => (weight > 0 ? [key] : [])));
}
