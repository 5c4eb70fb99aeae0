/** Called with the id of a subject and why its checks are to run at once. */
export type OnTrigger = (id: string, why: string) => void;

/**
 * Lets other parts of an agent that have a reason to doubt a subject run its checks at once. The checks decide: a trigger is
 * no reading. It only counts as far as a connection that is refused then needs no `fall` to be conclusive.
 */
export class CheckTriggers {
  readonly #followers = new Set<OnTrigger>();

  /**
   * Runs all checks of the subject `id` at once; does nothing if there is no such subject. `why` is logged, and part of the
   * reason if a check fails then. May be called at any rate: see `rounds`.
   */
  trigger(id: string, why: string): void {
    for (const onTrigger of this.#followers) onTrigger(id, why);
  }

  /** Calls `onTrigger` for each trigger until the returned function is called. */
  follow(onTrigger: OnTrigger): () => void {
    this.#followers.add(onTrigger);
    return () => this.#followers.delete(onTrigger);
  }
}
