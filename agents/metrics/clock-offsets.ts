/** Offsets are found from what arrived in the last 10 minutes, in milliseconds. */
const windowMs = 600_000;

/** Entries that arrive within so many milliseconds may have been delayed by the same cause: together they are one sample. */
const sampleMs = 10_000;

/** So many samples show that a clock is behind, and not an entry delayed. */
const enough = 3;

/** The shortest time from a stamp to its arrival, of the entries that arrived about then. */
interface Sample {
  readonly arrivedMs: number;
  readonly delayMs: number;
}

/**
 * By how much the clocks of agents differ from that of this machine, as the times from stamp to arrival show: none is really negative,
 * and the shortest of several is close to nothing.
 */
export class ClockOffsets {
  /** The latest sample last; the owner that was heard of last is the last one. */
  readonly #samples = new Map<string | undefined, readonly Sample[]>();
  #hasStamps = false;

  /** An entry arrived; its owner has stamped it at `atMs`. Both times are those of the respective machine, since 1970. */
  add(owner: string | undefined, atMs: number, arrivedMs: number): void {
    this.#hasStamps = true;
    const delayMs = arrivedMs - atMs;
    const isRecent = (one: Sample | undefined): boolean =>
      one !== undefined && Math.abs(arrivedMs - one.arrivedMs) <= windowMs;
    const known = (this.#samples.get(owner) ?? []).filter(isRecent);
    const last = known.at(-1);
    const samples =
      last && arrivedMs - last.arrivedMs < sampleMs
        ? known.with(-1, { ...last, delayMs: Math.min(last.delayMs, delayMs) })
        : [...known, { arrivedMs, delayMs }];
    this.#samples.delete(owner);
    this.#samples.set(owner, samples);
    for (const [other, theirs] of this.#samples) {
      if (isRecent(theirs.at(-1))) break;
      this.#samples.delete(other);
    }
  }

  /** What makes the stamp of an owner a time of this machine, in milliseconds; 0 as long as that is not known. */
  of(owner: string | undefined): number {
    const delays = (this.#samples.get(owner) ?? []).map(({ delayMs }) => delayMs);
    const shortest = Math.min(...delays);
    return shortest < 0 || delays.length >= enough ? shortest : 0;
  }

  /** The largest difference, in milliseconds; undefined as long as there was no stamp. */
  get largestMs(): number | undefined {
    if (!this.#hasStamps) return undefined;
    return Math.max(0, ...Array.from(this.#samples.keys(), (owner) => Math.abs(this.of(owner))));
  }
}
