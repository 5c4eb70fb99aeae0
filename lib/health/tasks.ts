import { aborted, first, within } from "../base/signal.ts";

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
  await within(parent, async (signal, stop) => {
    const running = new Set<Promise<void>>();
    const start: Start = (task) => {
      const leaving = new AbortController();
      const ended = first(signal, task, (s) => aborted(leaving.signal, s))
        .catch(stop)
        .finally(() => running.delete(ended));
      running.add(ended);
      return () => leaving.abort();
    };
    try {
      await work(start, signal);
    } finally {
      stop(new DOMException("the work has ended", "AbortError"));
      await Promise.all(running);
    }
  });
}
