/**
 * Runs of commands by their names. A caller that asks while one runs gets the result of the next run, which is shared by all that
 * ask before it begins: each has changed its file by then.
 */
export class SharedRuns<T> {
  readonly #running = new Map<string, Promise<T>>();
  readonly #next = new Map<string, Promise<T>>();

  run(name: string, start: () => Promise<T>): Promise<T> {
    const next = this.#next.get(name);
    if (next) return next;
    const running = this.#running.get(name);
    if (!running) return this.#start(name, start);
    const startNext = () => {
      this.#next.delete(name);
      return this.#start(name, start);
    };
    const queued = running.then(startNext, startNext);
    this.#next.set(name, queued);
    return queued;
  }

  #start(name: string, start: () => Promise<T>): Promise<T> {
    const run = start().finally(() => {
      if (this.#running.get(name) === run) this.#running.delete(name);
    });
    this.#running.set(name, run);
    return run;
  }
}
