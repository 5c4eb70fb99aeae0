import { Cell } from "../base/cell.ts";
import type { Clock } from "../base/clock.ts";
import type { Sink } from "../control/contract.ts";
import type { Overview } from "../overview/contract.ts";
import type { PageElement } from "./contract.ts";
import { changes, wire } from "./difference.ts";
import { Listener } from "./listener.ts";
import { page } from "./view/page.ts";

/** What browsers show now. */
export interface Shown {
  /** Another one for each tree, also of an earlier process. */
  readonly id: string;
  readonly tree: PageElement;
}

export interface LiveDeps {
  readonly clock: Clock;
  /** A number in [0, 1). */
  readonly random: () => number;
}

/** The most browsers that are kept up to date. */
const mostListeners = 16;

/** The least time between two events, in milliseconds. */
const leastMs = 250;

/** An overview may take this share of the time: of a large keyspace there are fewer events. */
const mostShare = 0.05;

/** Keeps browsers up to date. While there are none, nothing is made. */
export class Live {
  readonly #overview: (signal: AbortSignal) => Promise<Overview>;
  readonly #clock: Clock;
  readonly #mark: string;
  readonly #listeners = new Cell<ReadonlySet<Listener>>(new Set());
  #shown: Shown | undefined;
  #made = 0;

  constructor(overview: (signal: AbortSignal) => Promise<Overview>, { clock, random }: LiveDeps) {
    this.#overview = overview;
    this.#clock = clock;
    this.#mark = Math.floor(random() * 36 ** 8).toString(36);
  }

  /** Makes the tree of now, which listeners get as a difference. */
  async refresh(signal: AbortSignal): Promise<Shown> {
    const tree = page(await this.#overview(signal));
    const before = this.#shown;
    const difference = before && changes(before.tree, tree);
    if (before && difference && isNone(difference, before.tree)) return before;
    this.#made += 1;
    const shown = { id: `${this.#mark}-${this.#made}`, tree };
    this.#shown = shown;
    if (difference) {
      const event = eventOf("change", shown.id, difference);
      for (const listener of this.#listeners.value) listener.send(event);
    }
    return shown;
  }

  /** Writes events to a browser that shows `id`, until it disconnects, is too slow, or has to make room for another. */
  async listen(id: string | undefined, sink: Sink, signal: AbortSignal): Promise<void> {
    const shown = this.#shown ?? (await this.refresh(signal));
    const listener = new Listener(sink, this.#clock);
    listener.send("retry: 1000\n\n");
    listener.send(
      shown.id === id ? eventOf("alive", id, []) : eventOf("whole", shown.id, wire(shown.tree)),
    );
    const [oldest] = this.#listeners.value;
    if (oldest && this.#listeners.value.size >= mostListeners) this.#remove(oldest);
    this.#listeners.set(new Set([...this.#listeners.value, listener]));
    try {
      await listener.run(signal);
    } finally {
      this.#remove(listener);
    }
  }

  /** Looks for changes while there are listeners. `succeeded` is called after each look. */
  async run(succeeded: () => void, signal: AbortSignal): Promise<void> {
    succeeded();
    for (;;) {
      await this.#listeners.until(({ size }) => size > 0, signal);
      const startedMs = this.#clock.now();
      await this.refresh(signal);
      succeeded();
      const tookMs = this.#clock.now() - startedMs;
      await this.#clock.sleep(Math.max(leastMs, tookMs / mostShare), signal);
    }
  }

  #remove(listener: Listener): void {
    listener.end();
    const others = [...this.#listeners.value].filter((one) => one !== listener);
    this.#listeners.set(new Set(others));
  }
}

/** Whether the difference keeps all children of the tree. */
function isNone([first, ...others]: ReturnType<typeof changes>, { parts }: PageElement): boolean {
  return (
    others.length === 0 && Array.isArray(first) && first.length === 2 && first[1] === parts.length
  );
}

/** JSON has no line feeds, which would end the data. */
function eventOf(name: string, id: string, data: unknown): string {
  return `event: ${name}\nid: ${id}\ndata: ${JSON.stringify(data)}\n\n`;
}
