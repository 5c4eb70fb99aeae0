/** Items that were rendered together, and their text. */
interface Run {
  readonly items: readonly unknown[];
  readonly text: string;
  /** The rendering of a list that it is a part of. */
  rendering: Rendering;
}

/** The runs of a list as it was rendered last. */
interface Rendering {
  readonly runs: Run[];
}

/** A run longer than this is cut. A change in a list of 100 000 renders one run and compares the rest. */
const longest = 256;

/**
 * The text of a list whose items are each rendered by themselves. Items that stand next to each other as
 * they did before are not rendered again: their text is taken over a run at a time. Which items are the
 * same is decided by identity (objects) or by value (strings and numbers).
 */
export class RememberedList {
  readonly #byObject = new WeakMap<object, Run>();
  #byValue = new Map<unknown, Run>();
  #nextByValue = new Map<unknown, Run>();

  /** Says that all lists are rendered anew: runs of values that the last time did not use are forgotten. */
  begin(): void {
    this.#byValue = this.#nextByValue;
    this.#nextByValue = new Map();
  }

  render(list: readonly unknown[], one: (item: unknown) => string): string {
    const rendering: Rendering = { runs: [] };
    const before = new Set<Rendering>();
    let text = "";
    let done = 0;
    let at = 0;
    while (at < list.length) {
      const run = this.#beginningWith(list[at]);
      if (run) before.add(run.rendering);
      // Next to items that must be rendered anyway, a short run is merged with them.
      const tiny = run && at > done && at - done + run.items.length <= longest;
      if (run && !tiny && standsAt(list, at, run.items)) {
        text += this.#rendered(list, done, at, one, rendering) + this.#kept(run, rendering);
        at += run.items.length;
        done = at;
      } else {
        at += 1;
      }
    }
    text += this.#rendered(list, done, at, one, rendering);
    before.delete(rendering);
    for (const old of before) this.#forget(old);
    return text;
  }

  #rendered(
    list: readonly unknown[],
    from: number,
    to: number,
    one: (item: unknown) => string,
    rendering: Rendering,
  ): string {
    let text = "";
    const count = Math.ceil((to - from) / longest);
    for (let i = 0; i < count; i += 1) {
      const start = from + Math.floor(((to - from) * i) / count);
      const end = from + Math.floor(((to - from) * (i + 1)) / count);
      const items = list.slice(start, end);
      // join, unlike +, makes one flat string: taking it over later costs a copy and no traversal.
      text += this.#kept({ items, text: items.map(one).join(""), rendering }, rendering);
    }
    return text;
  }

  #beginningWith(item: unknown): Run | undefined {
    return isObject(item) ? this.#byObject.get(item) : this.#byValue.get(item);
  }

  #kept(run: Run, rendering: Rendering): string {
    run.rendering = rendering;
    rendering.runs.push(run);
    const [start] = run.items;
    if (isObject(start)) this.#byObject.set(start, run);
    else this.#nextByValue.set(start, run);
    return run.text;
  }

  /** A run that was not taken over would keep its items alive for as long as the first of them lives. */
  #forget(old: Rendering): void {
    for (const run of old.runs) {
      const [start] = run.items;
      const isOld = run.rendering === old && isObject(start) && this.#byObject.get(start) === run;
      if (isOld) this.#byObject.delete(start);
    }
  }
}

function isObject(item: unknown): item is object {
  return typeof item === "object" && item !== null;
}

function standsAt(list: readonly unknown[], at: number, items: readonly unknown[]): boolean {
  if (at + items.length > list.length) return false;
  for (let i = 0; i < items.length; i += 1) {
    if (list[at + i] !== items[i]) return false;
  }
  return true;
}
