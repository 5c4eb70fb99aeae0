import type { Clock } from "./clock.ts";
import { systemCode } from "./fault.ts";
import { never } from "./signal.ts";

/** Writes the first of `bytes`, and returns how many. Throws the error of the system; EAGAIN if none fits at the moment. */
export type WriteSome = (bytes: Uint8Array) => number;

/** The bytes that wait for a slow reader; lines beyond them are dropped. */
const mostWaiting = 256 * 1024;

/** Milliseconds until a write that found no room is tried again. */
const roomAfterMs = 20;

/** Milliseconds until a write that failed is tried again. */
const retryAfterMs = 1000;

interface Waiting {
  readonly bytes: Uint8Array;
  /** The lines that are lost with it: one, or those that a notice reports as dropped. */
  readonly lines: number;
  /** The first bytes of the line were written already: the rest is never dropped. */
  readonly isBegun: boolean;
}

/**
 * Writes lines without ever failing or waiting: lines that cannot be written, because the disk is full, the reader has
 * gone or is too slow, are dropped and counted, and the count is written as soon as writing works again.
 */
export class LineWriter {
  readonly #writeSome: WriteSome;
  readonly #clock: Clock;
  #notice: ((lines: number) => string) | undefined;
  #waiting: Waiting[] = [];
  #dropped = 0;
  #isFailing = false;
  #isScheduled = false;

  constructor(writeSome: WriteSome, clock: Clock) {
    this.#writeSome = writeSome;
    this.#clock = clock;
  }

  /** Formats the line that reports how many were dropped; without it they are not reported. */
  reportDropped(notice: (lines: number) => string): void {
    this.#notice = notice;
  }

  /** Writes a whole line, or several. */
  write(line: string): void {
    const bytes = Buffer.from(line);
    const size = this.#waiting.reduce((sum, one) => sum + one.bytes.length, bytes.length);
    if (this.#isFailing || this.#dropped > 0 || size > mostWaiting) {
      this.#dropped += 1;
      return;
    }
    this.#waiting.push({ bytes, lines: 1, isBegun: false });
    if (!this.#isScheduled) this.#flush();
  }

  /** Resolves once all lines are written, none can be, or `limitMs` milliseconds have passed. */
  async flushed(limitMs: number): Promise<void> {
    const endMs = this.#clock.now() + limitMs;
    this.#flush();
    while (this.#waiting.length > 0 && !this.#isFailing && this.#clock.now() < endMs) {
      await this.#clock.sleep(roomAfterMs, never);
      this.#flush();
    }
  }

  #flush(): void {
    try {
      this.#isFailing = !this.#writeWaiting();
    } catch (error) {
      if (systemCode(error) === undefined) throw error;
      this.#isFailing = systemCode(error) !== "EAGAIN";
      if (this.#isFailing) this.#drop();
    }
    if (this.#waiting.length > 0 || this.#dropped > 0) this.#schedule();
  }

  /** Writes the waiting lines, and then the number of those that were dropped. */
  #writeWaiting(): boolean {
    for (;;) {
      const first = this.#waiting[0] ?? this.#takeNotice();
      if (!first) return true;
      const written = this.#writeSome(first.bytes);
      if (written === first.bytes.length) this.#waiting.shift();
      else if (written > 0)
        this.#waiting[0] = { ...first, bytes: first.bytes.subarray(written), isBegun: true };
      else return false;
    }
  }

  #takeNotice(): Waiting | undefined {
    const lines = this.#dropped;
    this.#dropped = 0;
    if (lines === 0 || !this.#notice) return undefined;
    const waiting = { bytes: Buffer.from(this.#notice(lines)), lines, isBegun: false };
    this.#waiting.push(waiting);
    return waiting;
  }

  #drop(): void {
    const kept = this.#waiting.filter(({ isBegun }) => isBegun);
    for (const { lines, isBegun } of this.#waiting) if (!isBegun) this.#dropped += lines;
    this.#waiting = kept;
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    const waitMs = this.#isFailing ? retryAfterMs : roomAfterMs;
    void this.#clock.sleep(waitMs, never).then(() => {
      this.#isScheduled = false;
      this.#flush();
    });
  }
}
