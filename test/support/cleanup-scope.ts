import { never } from "../../lib/base/signal.ts";

/** What the context of a test is for a program: runs the registered clean-up when it is disposed of, the last first. */
export class CleanupScope implements AsyncDisposable {
  readonly signal = never;
  readonly #cleanups: (() => unknown)[] = [];

  after(cleanup: () => unknown): void {
    this.#cleanups.push(cleanup);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const cleanup of this.#cleanups.reverse()) await cleanup();
  }
}
