/** Source of time, passed in so that tests can control it. */
export interface Clock {
  /** Milliseconds on a monotonic clock; only differences are meaningful. */
  now(): number;
  /** Resolves after `ms` milliseconds (at most 24 days); rejects with the signal's reason when it aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /**
   * Calls `wake` after `ms` milliseconds, unless the returned function is called before. Costs a fraction of a sleep that is
   * aborted; a clock need not have it.
   */
  callAfter?(ms: number, wake: () => void): () => void;
}

/** `callAfter` of a clock, or what does the same. */
export function callAfter(clock: Clock, ms: number, wake: () => void): () => void {
  if (clock.callAfter) return clock.callAfter(ms, wake);
  const waiting = new AbortController();
  clock.sleep(ms, waiting.signal).then(wake, () => {});
  return () => waiting.abort();
}

/** The longest delay that a Node.js timer supports; a longer one would fire at once. */
const longestMs = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => performance.now(),
  // One promise and one listener for each: thousands of checks sleep at the same time.
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const stop = () => {
        clearTimeout(timer);
        reject(signal.reason);
      };
      const wake = () => {
        signal.removeEventListener("abort", stop);
        resolve();
      };
      const timer = setTimeout(wake, Math.min(ms, longestMs));
      signal.addEventListener("abort", stop, { once: true });
    }),
  callAfter: (ms, wake) => {
    const timer = setTimeout(wake, Math.min(ms, longestMs));
    return () => clearTimeout(timer);
  },
};
