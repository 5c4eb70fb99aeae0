import { abortable, race } from "./signal.ts";

/**
 * Carries state between two loops that run at their own pace: the latest value and its version.
 * A late reader sees the latest value; the values in between are not kept.
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

  /** Counts the calls of `set`: 0 until then the cell holds its initial value. */
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

  /** Resolves once the version of the cell is greater than `version`; rejects when `signal` aborts. */
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

  /** Resolves once `isSo` holds for the value, which it returns; rejects when `signal` aborts. */
  async until(isSo: (value: T) => boolean, signal: AbortSignal): Promise<T> {
    let value = this.#value;
    const check = () => {
      value = this.#value;
      return isSo(value);
    };
    await untilAny([this], check, signal);
    return value;
  }
}

/** Resolves once `isSo` holds. It is evaluated now, and again whenever one of the cells is set; rejects when `signal` aborts. */
export async function untilAny(
  cells: readonly Pick<Cell<unknown>, "newer" | "version">[],
  isSo: () => boolean,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  for (;;) {
    // Before `isSo`: a value that is set while it is evaluated is not missed.
    const versions = cells.map(({ version }) => version);
    if (isSo()) return;
    await race(
      signal,
      ...cells.map((cell, i) => (s: AbortSignal) => cell.newer(versions[i] ?? 0, s)),
    );
  }
}
