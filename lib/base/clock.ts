import { abortable } from "./signal.ts";

/** Source of time, passed in so that tests can control it. */
export interface Clock {
  /** Milliseconds on a monotonic clock; only differences are meaningful. */
  now(): number;
  /** Resolves after `ms` milliseconds (at most 24 days); rejects with the signal's reason when it aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** The longest delay that a Node.js timer supports; a longer one would fire at once. */
const longestMs = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => performance.now(),
  async sleep(ms, signal) {
    signal.throwIfAborted();
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, Math.min(ms, longestMs));
    try {
      await abortable(promise, signal);
    } finally {
      clearTimeout(timer);
    }
  },
};
