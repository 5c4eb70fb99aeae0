/** What a change has touched: queries compare indexes of their own, and wake up after each change. */
export class Indexes {
  #last = 10;
  readonly #waiting = new Set<(isAbandoned: boolean) => void>();

  /** The index of the last change of anything. */
  get last(): number {
    return this.#last;
  }

  /** The index of a change that is about to be made. */
  next(): number {
    this.#last += 1;
    return this.#last;
  }

  /** A change has been made. */
  wake(): void {
    for (const wake of [...this.#waiting]) wake(false);
  }

  /** The state is replaced by an older one: every blocking query returns, and indexes go backwards. */
  abandon(index: number): void {
    this.#last = index;
    for (const wake of [...this.#waiting]) wake(true);
  }

  /** Calls `wake` after each change until the returned function is called. */
  watch(wake: (isAbandoned: boolean) => void): () => void {
    this.#waiting.add(wake);
    return () => this.#waiting.delete(wake);
  }
}
