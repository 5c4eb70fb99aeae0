import { abortable } from "./signal.ts";

/**
 * Carries state between two loops that run at their own pace: the latest value and its version.
 * A reader that comes late sees what is so now; what was so in between is not kept.
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

  /** Counts the calls of `set`: 0 as long as the cell holds what it was made with. */
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

  /** Resolves once the cell holds something newer than `version`; rejects when `signal` aborts. */
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
}
