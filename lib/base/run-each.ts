import type { Cell } from "./cell.ts";
import { never, race, whenAborted } from "./signal.ts";
import { withTasks } from "./tasks.ts";

/**
 * Runs a task for each item of the cell, by identity, until `signal` aborts. A task whose item is gone is aborted, and has ended
 * before the tasks of new items start; the others go on untouched. The first failure aborts all tasks and is thrown.
 */
export async function runEach<Item>(
  items: Cell<readonly Item[]>,
  task: (item: Item, signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  await withTasks(signal, async (start, s) => {
    const running = new Map<Item, { readonly stop: () => void; readonly ended: Promise<void> }>();
    for (;;) {
      const { value, version } = items;
      const current = new Set(value);
      const gone = [...running].filter(([item]) => !current.has(item));
      for (const [item, { stop }] of gone) {
        running.delete(item);
        stop();
      }
      await Promise.all(gone.map(([, { ended }]) => ended));
      for (const item of current) {
        if (running.has(item)) continue;
        const { promise: ended, resolve } = Promise.withResolvers<void>();
        const stop = start(async (t) => {
          try {
            await task(item, t);
          } finally {
            resolve();
          }
        });
        running.set(item, { stop, ended });
      }
      await items.newer(version, s);
    }
  });
}

/**
 * Runs a task with the value of the cell until `signal` aborts: once it is set again, the task is aborted, and the next one starts
 * when that has ended. A task that returns is not repeated with the same value.
 */
export async function runLatest<T>(
  cell: Cell<T>,
  task: (value: T, signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    const { value, version } = cell;
    await race(
      signal,
      (s) => cell.newer(version, s),
      async (s) => {
        await task(value, s);
        await whenAborted(never, s);
      },
    );
  }
}
