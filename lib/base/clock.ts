import { abortable } from "./signal.ts";

/** Time, handed in so that tests can wind it by hand. */
export interface Clock {
  /** Milliseconds on a monotonic clock; only differences mean anything. */
  now(): number;
  /** Resolves after `ms` milliseconds (24 days at the most); rejects with the signal's reason when it aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** The longest wait that a timer of Node.js keeps; a longer one would not wait at all. */
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
