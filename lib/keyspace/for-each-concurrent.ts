import { runAll } from "../base/signal.ts";

/**
 * Runs `work` for every item, for at most `width` items at a time. The first failure aborts the signal of `work` and
 * ends the iteration; it is thrown once all work has ended.
 */
export async function forEachConcurrent<T>(
  items: Iterable<T>,
  width: number,
  work: (item: T, signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const queue = items[Symbol.iterator]();
  const worker = (first: T) => async (s: AbortSignal) => {
    await work(first, s);
    for (let next = queue.next(); !next.done; next = queue.next()) {
      s.throwIfAborted();
      await work(next.value, s);
    }
  };
  const workers: ReturnType<typeof worker>[] = [];
  while (workers.length < width) {
    const next = queue.next();
    if (next.done) break;
    workers.push(worker(next.value));
  }
  await runAll(signal, ...workers);
}
