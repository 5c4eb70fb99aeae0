/** What a test's context is to what it started, for a program: ends it all, the last one first. */
export class Ending implements AsyncDisposable {
  readonly signal = new AbortController().signal;
  readonly #ends: (() => unknown)[] = [];

  after(end: () => unknown): void {
    this.#ends.push(end);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const end of this.#ends.reverse()) await end();
  }
}
