import { type Clock, callAfter } from "./clock.ts";

/** Sleeps end at multiples of so many milliseconds. */
const tickMs = 10;

/** A shorter sleep ends on time: its end would be off by more than a tenth. */
const shortestMs = 10 * tickMs;

/**
 * A clock for work that is done hundreds of times a second and need not be on time to the millisecond. Sleeps of 100 ms and
 * more end together, up to 10 ms late, so that the process wakes up once for all of them, with one timer.
 */
export class BatchedClock implements Clock {
  readonly #clock: Clock;
  /** The functions to call at the end of each sleep, by the number of the tick at which it ends. */
  readonly #ticks = new Map<number, Set<() => void>>();
  /** The tick that is waited for, and what ends that wait. */
  #next: { readonly tick: number; readonly cancel: () => void } | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  now(): number {
    return this.#clock.now();
  }

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const stop = () => {
        cancel();
        reject(signal.reason);
      };
      const cancel = this.callAfter(ms, () => {
        signal.removeEventListener("abort", stop);
        resolve();
      });
      signal.addEventListener("abort", stop, { once: true });
    });
  }

  callAfter(ms: number, wake: () => void): () => void {
    if (ms < shortestMs) return callAfter(this.#clock, ms, wake);
    const tick = Math.ceil((this.#clock.now() + ms) / tickMs);
    this.#add(tick, wake);
    return () => this.#remove(tick, wake);
  }

  #add(tick: number, wake: () => void): void {
    const wakes = this.#ticks.get(tick);
    if (wakes) wakes.add(wake);
    else this.#ticks.set(tick, new Set([wake]));
    if (tick < (this.#next?.tick ?? Number.POSITIVE_INFINITY)) this.#waitFor(tick);
  }

  #remove(tick: number, wake: () => void): void {
    const wakes = this.#ticks.get(tick);
    wakes?.delete(wake);
    if (wakes?.size !== 0) return;
    this.#ticks.delete(tick);
    // The process does not wake up for a time limit that was not reached.
    if (this.#next?.tick === tick) this.#waitForFirst();
  }

  #waitForFirst(): void {
    let first = Number.POSITIVE_INFINITY;
    for (const tick of this.#ticks.keys()) first = Math.min(first, tick);
    if (first < Number.POSITIVE_INFINITY) this.#waitFor(first);
    else this.#stopWaiting();
  }

  #waitFor(tick: number): void {
    this.#stopWaiting();
    const ms = Math.max(0, Math.ceil(tick * tickMs - this.#clock.now()));
    this.#next = { tick, cancel: callAfter(this.#clock, ms, () => this.#wake(tick)) };
  }

  #stopWaiting(): void {
    this.#next?.cancel();
    this.#next = undefined;
  }

  #wake(first: number): void {
    this.#next = undefined;
    // A timer may fire a millisecond early.
    const last = Math.floor((this.#clock.now() + 1) / tickMs);
    for (let tick = first; tick <= last; tick += 1) {
      const wakes = this.#ticks.get(tick);
      if (!wakes) continue;
      for (const wake of wakes) {
        // One that is called may cancel another.
        wakes.delete(wake);
        wake();
      }
      this.#ticks.delete(tick);
    }
    this.#waitForFirst();
  }
}
