import { Cell } from "../../base/cell.ts";

/** The containers to inspect. Each is inspected by one worker at a time, and again after a change meanwhile. */
export class InspectionQueue {
  readonly #due = new Set<string>();
  readonly #busy = new Set<string>();
  /** Containers of which the result of the current inspection does not count. */
  readonly #cancelled = new Set<string>();
  readonly #wakeUps = new Cell(undefined);

  /** Adds containers that have changed. */
  add(...ids: readonly string[]): void {
    for (const id of ids) this.#due.add(id);
    this.#wakeUps.set(undefined);
  }

  /**
   * Adds containers without a known change: an inspection of them that has begun counts. It would never do so if it took
   * longer than the time until the next call.
   */
  addIdle(ids: Iterable<string>): void {
    this.add(...[...ids].filter((id) => !this.#busy.has(id)));
  }

  /** Cancels the inspection of a container, also one that has begun. */
  cancel(id: string): void {
    this.#due.delete(id);
    if (this.#busy.has(id)) this.#cancelled.add(id);
  }

  /** Waits for a container that is due, and takes it until `end`. */
  async next(signal: AbortSignal): Promise<string> {
    for (;;) {
      const { version } = this.#wakeUps;
      const id = this.#take();
      if (id !== undefined) return id;
      await this.#wakeUps.newer(version, signal);
    }
  }

  /** Whether the current inspection of a container was cancelled. */
  isCancelled(id: string): boolean {
    return this.#cancelled.has(id);
  }

  /** Whether the result of the current inspection of a container counts: it was not changed meanwhile. */
  isCurrent(id: string): boolean {
    return !this.#due.has(id) && !this.#cancelled.has(id);
  }

  /** Takes that the inspection of a container has ended. */
  end(id: string): void {
    this.#busy.delete(id);
    this.#cancelled.delete(id);
    if (this.#due.has(id)) this.#wakeUps.set(undefined);
  }

  #take(): string | undefined {
    for (const id of this.#due) {
      if (this.#busy.has(id)) continue;
      this.#due.delete(id);
      this.#busy.add(id);
      return id;
    }
    return undefined;
  }
}
