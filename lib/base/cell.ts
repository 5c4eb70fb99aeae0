import { abortable } from "./signal.ts";

/** Something that may be replaced by another value at any time: read it where it is used. A `Cell` is one. */
export interface Current<T> {
  readonly value: T;
}

/**
 * Hands state from one loop to another that runs at its own pace: the latest value and its version.
 * A late reader sees the current value; intermediate values are not kept.
 */
export class Cell<T> {
  #value: T;
  #version = 0;
  readonly #waiting = new Set<() => void>();

  constructor(initial: T) {
    this.#value = initial;
  }

  get value(): T {
    return this.#value;
  }

  /** The number of calls of `set`: 0 while the cell holds its initial value. */
  get version(): number {
    return this.#version;
  }

  set(value: T): void {
    this.#value = value;
    this.#version += 1;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const wake of waiting) wake();
  }

  /** Resolves once the cell has a newer version than `version`; rejects when `signal` aborts. */
  async newer(version: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#version > version) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.add(resolve);
    try {
      await abortable(promise, signal);
    } finally {
      this.#waiting.delete(resolve);
    }
  }

  /** Calls `wake` at the next `set`, unless the returned function is called before. */
  onNext(wake: () => void): () => void {
    this.#waiting.add(wake);
    return () => this.#waiting.delete(wake);
  }

  /** Resolves with the value once it satisfies `condition`; rejects when `signal` aborts. */
  async until(condition: (value: T) => boolean, signal: AbortSignal): Promise<T> {
    let value = this.#value;
    const check = () => {
      value = this.#value;
      return condition(value);
    };
    await untilAny([this], check, signal);
    return value;
  }
}

/** Resolves once `condition` is true. Evaluated at once and whenever one of the cells is set; rejects when `signal` aborts. */
export async function untilAny(
  cells: readonly Pick<Cell<unknown>, "onNext" | "version">[],
  condition: () => boolean,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  for (;;) {
    // Read before the condition is evaluated, so that a value set meanwhile is not missed.
    const versions = cells.map(({ version }) => version);
    if (condition()) return;
    await anyNewer(cells, versions, signal);
  }
}

/** One promise for all cells: a race of their `newer` costs a signal and several promises for each. */
async function anyNewer(
  cells: Parameters<typeof untilAny>[0],
  versions: readonly number[],
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  if (cells.some(({ version }, i) => version > (versions[i] ?? 0))) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const cancels = cells.map((cell) => cell.onNext(resolve));
  try {
    await abortable(promise, signal);
  } finally {
    for (const cancel of cancels) cancel();
  }
}

/**
 * Resolves once `condition` is true for every item. As `untilAny`, but begins with the item that was missing last, so that it
 * costs little where thousands of items become true one after the other.
 */
export async function untilEach<Item>(
  cells: Parameters<typeof untilAny>[0],
  items: readonly Item[],
  condition: (item: Item) => boolean,
  signal: AbortSignal,
): Promise<void> {
  let missing = 0;
  const check = () => {
    for (let count = 0; count < items.length; count += 1) {
      if (!condition(items[missing] as Item)) return false;
      missing = (missing + 1) % items.length;
    }
    return true;
  };
  await untilAny(cells, check, signal);
}
