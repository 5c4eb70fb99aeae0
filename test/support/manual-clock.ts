import type { Clock } from "../../lib/base/clock.ts";

interface Sleeper {
  readonly untilMs: number;
  readonly wake: () => void;
}

/** A clock controlled by the test: no time passes between two calls of `advance`. */
export class ManualClock implements Clock {
  #nowMs = 0;
  readonly #sleepers = new Set<Sleeper>();

  now(): number {
    return this.#nowMs;
  }

  /** Whether anything sleeps until exactly then. */
  wakesAt(ms: number): boolean {
    return [...this.#sleepers].some(({ untilMs }) => untilMs === ms);
  }

  async sleep(ms: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const sleeper = { untilMs: this.#nowMs + ms, wake: resolve };
    this.#sleepers.add(sleeper);
    const stop = () => reject(signal.reason);
    signal.addEventListener("abort", stop, { once: true });
    try {
      await promise;
    } finally {
      signal.removeEventListener("abort", stop);
      this.#sleepers.delete(sleeper);
    }
  }

  /** Advances by `ms` milliseconds, waking sleepers in order and letting each one run before the next. */
  async advance(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms;
    await settled();
    for (;;) {
      const due = [...this.#sleepers].filter(({ untilMs }) => untilMs <= endMs);
      const next = due.sort((a, b) => a.untilMs - b.untilMs)[0];
      if (!next) break;
      this.#nowMs = Math.max(this.#nowMs, next.untilMs);
      this.#sleepers.delete(next);
      next.wake();
      await settled();
    }
    this.#nowMs = endMs;
    await settled();
  }
}

/** Waits until everything has run that does not depend on time. */
async function settled(): Promise<void> {
  for (let i = 0; i < 3; i += 1) await new Promise((resolve) => setImmediate(resolve));
}
