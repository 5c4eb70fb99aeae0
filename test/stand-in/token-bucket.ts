/** A limit of requests: `size` at once, and `perSecond` in the long run. */
export class TokenBucket {
  readonly #size: number;
  readonly #perSecond: number;
  readonly #nowMs: () => number;
  #left: number;
  #atMs: number;

  constructor(size: number, perSecond: number, nowMs: () => number) {
    this.#size = size;
    this.#perSecond = perSecond;
    this.#nowMs = nowMs;
    this.#left = size;
    this.#atMs = nowMs();
  }

  /** Whether a request is within the limit, which it then counts for. */
  take(): boolean {
    const nowMs = this.#nowMs();
    const refilled = this.#left + ((nowMs - this.#atMs) / 1000) * this.#perSecond;
    this.#left = Math.min(this.#size, refilled);
    this.#atMs = nowMs;
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }

  /** Uses up what is left. */
  drain(): void {
    this.#left = 0;
    this.#atMs = this.#nowMs();
  }
}
