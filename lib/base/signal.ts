/** A signal that does not abort. */
export const never: AbortSignal = new AbortController().signal;

/**
 * Runs `work` with a signal that aborts with the parent, or when `work` returns. Unlike AbortSignal.any, which keeps
 * every derived signal alive as long as the parent, it removes its listener.
 */
export async function childScope<T>(
  parent: AbortSignal,
  work: (signal: AbortSignal, stop: (reason: unknown) => void) => Promise<T>,
): Promise<T> {
  parent.throwIfAborted();
  const child = new AbortController();
  const relay = () => child.abort(parent.reason);
  parent.addEventListener("abort", relay, { once: true });
  try {
    return await work(child.signal, (reason) => child.abort(reason));
  } finally {
    parent.removeEventListener("abort", relay);
    child.abort(finished);
  }
}

/** The abort reason of a signal of `childScope`, `race` or `runAll` when its work has completed. */
const finished = new DOMException("the work has ended", "AbortError");

/** Waits for `promise`; rejects with the reason of `signal` as soon as it aborts. */
export function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  // One promise and one listener: thousands of checks wait at the same time.
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
    const settled = () => signal.removeEventListener("abort", stop);
    // Also if `signal` has aborted already: an unhandled rejection of `promise` would end the process.
    promise.then(
      (value) => {
        settled();
        resolve(value);
      },
      (error) => {
        settled();
        reject(error);
      },
    );
  });
}

/** Resolves once `event` aborts; rejects when `signal` does. */
export async function whenAborted(event: AbortSignal, signal: AbortSignal): Promise<void> {
  if (event.aborted) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const onAbort = () => resolve();
  event.addEventListener("abort", onAbort, { once: true });
  try {
    await abortable(promise, signal);
  } finally {
    event.removeEventListener("abort", onAbort);
  }
}

type Task<T> = (signal: AbortSignal) => Promise<T>;

/** Settles like the first task that settles; the others are aborted and waited for. */
export async function race<T>(parent: AbortSignal, ...tasks: readonly Task<T>[]): Promise<T> {
  return await childScope(parent, async (signal, stop) => {
    const running = tasks.map((task) => task(signal));
    try {
      return await Promise.race(running);
    } finally {
      stop(finished);
      await Promise.allSettled(running);
    }
  });
}

/** Runs tasks concurrently: the first failure aborts the others and is thrown. Returns when all have ended. */
export async function runAll(parent: AbortSignal, ...tasks: readonly Task<void>[]): Promise<void> {
  await childScope(parent, async (signal, stop) => {
    let failure: { readonly error: unknown } | undefined;
    const guarded = tasks.map(async (task) => {
      try {
        await task(signal);
      } catch (error) {
        failure ??= { error };
        stop(error);
      }
    });
    await Promise.all(guarded);
    if (failure) throw failure.error;
  });
}

/** Awaits `work`; an error caused by the abort of `signal` counts as completion. */
export async function untilAborted(signal: AbortSignal, work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!signal.aborted) throw error;
    if (error !== signal.reason && !isAbort(error)) throw error;
  }
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === "AbortError";
}
