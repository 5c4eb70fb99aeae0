import { childScope, untilAborted } from "./signal.ts";

/** Starts a task; the returned function aborts that task alone. */
export type Start = (task: (signal: AbortSignal) => Promise<void>) => () => void;

/**
 * Runs `work`, which may start and stop tasks at any time. The first task that fails aborts `work` and all other
 * tasks with its error. Returns when all of them have ended.
 */
export async function withTasks(
  parent: AbortSignal,
  work: (start: Start, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  await childScope(parent, async (signal, stop) => {
    // A single listener for all tasks: adding one for each takes time that grows with their number.
    const running = new Map<AbortController, Promise<void>>();
    const abortAll = () => {
      for (const controller of running.keys()) controller.abort(signal.reason);
    };
    signal.addEventListener("abort", abortAll, { once: true });
    const start: Start = (task) => {
      signal.throwIfAborted();
      const controller = new AbortController();
      const ended = untilAborted(controller.signal, task(controller.signal))
        .catch(stop)
        .finally(() => running.delete(controller));
      running.set(controller, ended);
      return () => controller.abort();
    };
    try {
      await work(start, signal);
    } finally {
      stop(new DOMException("the work has ended", "AbortError"));
      await Promise.all(running.values());
    }
  });
}
