import { lookup } from "node:dns/promises";
import { abortable } from "../../base/signal.ts";

/**
 * Looks names up with the C library, as a proxy does. A lookup cannot be ended, and occupies one of two threads that all
 * connections to host names need, for ten seconds if no server answers: one name is looked up at a time.
 */
export class SystemLookup {
  #last: Promise<unknown> = Promise.resolve();

  /** The addresses; rejects when the signal aborts, in which case a lookup that has not begun is dropped. */
  async addresses(name: string, signal: AbortSignal): Promise<readonly string[]> {
    const turn = this.#last.then(async () => {
      signal.throwIfAborted();
      return (await lookup(name, { all: true })).map(({ address }) => address);
    });
    this.#last = turn.catch(() => {});
    return await abortable(turn, signal);
  }
}
