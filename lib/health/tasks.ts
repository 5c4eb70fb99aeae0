import { childScope, untilAborted } from "../base/signal.ts";

/** Starts a task; what it returns ends that task alone. */
export type Start = (task: (signal: AbortSignal) => Promise<void>) => () => void;

/**
 * Runs `work`, which may start and end tasks as it goes. The first task that fails ends `work` and all the
 * others with its error. Returns when every one of them has ended.
 */
export async function withTasks(
  parent: AbortSignal,
  work: (start: Start, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  await childScope(parent, async (signal, stop) => {
    // One listener ends them all: to add one for each task takes time that grows with their number.
    const running = new Map<AbortController, Promise<void>>();
    const endAll = () => {
      for (const ending of running.keys()) ending.abort(signal.reason);
    };
    signal.addEventListener("abort", endAll, { once: true });
    const start: Start = (task) => {
      signal.throwIfAborted();
      const ending = new AbortController();
      const ended = untilAborted(ending.signal, task(ending.signal))
        .catch(stop)
        .finally(() => running.delete(ending));
      running.set(ending, ended);
      return () => ending.abort();
    };
    try {
      await work(start, signal);
    } finally {
      stop(new DOMException("the work has ended", "AbortError"));
      await Promise.all(running.values());
    }
  });
}
