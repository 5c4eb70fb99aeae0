/** Adjacent items that were rendered together, and their text. */
interface Run {
  readonly items: readonly unknown[];
  readonly text: string;
  /** The latest rendering that uses it. */
  rendering: ListRendering;
}

/** One rendering of a list. */
interface ListRendering {
  readonly runs: Run[];
}

/** In items. A longer run is split, so that a change in a list of 100 000 items renders one run and compares the rest. */
const maxRunLength = 256;

/**
 * Renders the items of a list independently of each other, and reuses text: items that are adjacent as they were in an
 * earlier rendering are not rendered again, their text is reused a run at a time. Items are equal by identity (objects)
 * or by value (strings and numbers).
 */
export class MemoizedList {
  readonly #byObject = new WeakMap<object, Run>();
  #byValue = new Map<unknown, Run>();
  #nextByValue = new Map<unknown, Run>();

  /** Call before the lists of a new rendering. Drops the runs of values that the previous rendering did not use. */
  startRendering(): void {
    this.#byValue = this.#nextByValue;
    this.#nextByValue = new Map();
  }

  /** The text of an item that `renderItem` does not return is left out, and tried again at the next rendering. */
  render(list: readonly unknown[], renderItem: (item: unknown) => string | undefined): string {
    const rendering: ListRendering = { runs: [] };
    const reused = new Set<ListRendering>();
    let text = "";
    /** Items before this index are in the text. */
    let done = 0;
    let at = 0;
    while (at < list.length) {
      const run = this.#runStartingWith(list[at]);
      if (run) reused.add(run.rendering);
      // A short run next to items that must be rendered anyway is merged with them.
      const isShort = run && at > done && at - done + run.items.length <= maxRunLength;
      if (run && !isShort && matchesAt(list, at, run.items)) {
        text += this.#renderRange(list, done, at, renderItem, rendering);
        text += this.#record(run, rendering);
        at += run.items.length;
        done = at;
      } else {
        at += 1;
      }
    }
    text += this.#renderRange(list, done, at, renderItem, rendering);
    reused.delete(rendering);
    for (const old of reused) this.#dropUnused(old);
    return text;
  }

  /** Renders the items from `from` up to `to`, in runs of equal length. */
  #renderRange(
    list: readonly unknown[],
    from: number,
    to: number,
    renderItem: (item: unknown) => string | undefined,
    rendering: ListRendering,
  ): string {
    let text = "";
    const count = Math.ceil((to - from) / maxRunLength);
    for (let i = 0; i < count; i += 1) {
      const start = from + Math.floor(((to - from) * i) / count);
      const end = from + Math.floor(((to - from) * (i + 1)) / count);
      const items = list.slice(start, end);
      // join, unlike +, makes one flat string: reusing it later costs a copy and no traversal.
      const texts = items.map(renderItem);
      const run = { items, text: texts.join(""), rendering };
      text += texts.includes(undefined) ? run.text : this.#record(run, rendering);
    }
    return text;
  }

  #runStartingWith(item: unknown): Run | undefined {
    return isObject(item) ? this.#byObject.get(item) : this.#byValue.get(item);
  }

  /** Stores a run for later renderings, and returns its text. */
  #record(run: Run, rendering: ListRendering): string {
    run.rendering = rendering;
    rendering.runs.push(run);
    const [start] = run.items;
    if (isObject(start)) this.#byObject.set(start, run);
    else this.#nextByValue.set(start, run);
    return run.text;
  }

  /** A run that is not used any longer would keep all its items alive for as long as its first item lives. */
  #dropUnused(old: ListRendering): void {
    for (const run of old.runs) {
      const [start] = run.items;
      const isUnused =
        run.rendering === old && isObject(start) && this.#byObject.get(start) === run;
      if (isUnused) this.#byObject.delete(start);
    }
  }
}

function isObject(item: unknown): item is object {
  return typeof item === "object" && item !== null;
}

function matchesAt(list: readonly unknown[], at: number, items: readonly unknown[]): boolean {
  if (at + items.length > list.length) return false;
  for (let i = 0; i < items.length; i += 1) {
    if (list[at + i] !== items[i]) return false;
  }
  return true;
}
