/**
 * A run that ends sooner after its start than this, in milliseconds, and was not asked to stop, is short. Engines restart a
 * container without a delay again once it has lived that long, too.
 */
export const longLifeMs = 10_000;

/** More containers than this are not remembered: the ones that ended last are. */
const maxRemembered = 1000;

/** How much longer than before a container has to live: its runs do not take exactly as long as each other. */
const margin = 2;

/** The longest of the last short runs of a container, in milliseconds, by id. A long run ends the series. */
export type ShortLives = ReadonlyMap<string, number>;

/** The end of a run of a container. */
export interface EndedRun {
  readonly id: string;
  readonly livedMs: number;
  /** Whether it was asked to stop: a container that is restarted on purpose does not flap. */
  readonly wasAsked: boolean;
}

/** The short lives after the end of a run. */
export function shortLivesAfter(
  before: ShortLives,
  { id, livedMs, wasAsked }: EndedRun,
): ShortLives {
  const isShort = !wasAsked && livedMs < longLifeMs;
  if (!isShort && !before.has(id)) return before;
  const after = new Map(before);
  after.delete(id);
  if (isShort) after.set(id, Math.max(livedMs, before.get(id) ?? 0));
  const [oldest] = after.keys();
  if (after.size > maxRemembered && oldest !== undefined) after.delete(oldest);
  return after;
}

/** How long a run has to last before the container counts as up, in milliseconds: longer than its short runs so far. */
export function requiredLifeMs(livedMs: number): number {
  return Math.min(longLifeMs, margin * livedMs);
}
