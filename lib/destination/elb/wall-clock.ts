/** Less than this is no cause of a rejected signature, which is valid for five minutes at least. In milliseconds. */
const noticeableMs = 60_000;

/** The time of AWS: that of this machine, corrected by a response of AWS to a request with a wrong time. */
export class WallClock {
  readonly #localMs: () => number;
  #offsetMs = 0;

  constructor(localMs: () => number) {
    this.#localMs = localMs;
  }

  /** Milliseconds since 1970. */
  nowMs(): number {
    return this.#localMs() + this.#offsetMs;
  }

  /** How far the clock of this machine is ahead of that of AWS as far as it is known, in milliseconds. */
  get aheadMs(): number {
    return -this.#offsetMs;
  }

  /** Adopts the time of a `Date` header. Returns whether it differs noticeably from the one assumed before. */
  correct(date: string | undefined): boolean {
    const atMs = Date.parse(date ?? "");
    if (Number.isNaN(atMs) || Math.abs(atMs - this.nowMs()) < noticeableMs) return false;
    this.#offsetMs = atMs - this.#localMs();
    return true;
  }
}
