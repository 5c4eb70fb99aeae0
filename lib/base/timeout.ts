import { type Clock, callAfter } from "./clock.ts";

/** In how many parts a time limit is waited for. */
const parts = 4;

/**
 * Runs `work` for at most `limitMs` milliseconds. At the limit its signal aborts, the work is waited for, and the result
 * is that of `onTimeout`: the value it returns or the fault it throws. Wrap work that ignores its signal in `abortable`.
 * The limit is extended by the time that the process stood still, except for the quarter in which it did.
 */
export async function withTimeout<T, U = never>(
  limitMs: number,
  work: (signal: AbortSignal) => Promise<T>,
  onTimeout: () => U,
  clock: Clock,
  signal: AbortSignal,
): Promise<T | U> {
  signal.throwIfAborted();
  // As `race` does, with fewer promises and events: there is a time limit for each of hundreds of checks a second.
  const child = new AbortController();
  let outcome: (() => T | U) | undefined;
  const end = (ending: () => T | U, reason: unknown) => {
    outcome ??= ending;
    child.abort(reason);
  };
  const relay = () => end(() => throwing(signal.reason), signal.reason);
  const expire = () => {
    if (outcome === undefined) end(called(onTimeout), expired);
  };
  signal.addEventListener("abort", relay, { once: true });
  const cancel = callAfterParts(limitMs, clock, expire);
  try {
    const done = await work(child.signal);
    outcome ??= () => done;
  } catch (error) {
    outcome ??= () => throwing(error);
  } finally {
    cancel();
    signal.removeEventListener("abort", relay);
  }
  return outcome();
}

const expired = new DOMException("the time limit was reached", "AbortError");

function throwing(error: unknown): never {
  throw error;
}

/** Calls it now. The result, or what it throws, is that of the returned function. */
function called<U>(get: () => U): () => U {
  try {
    const value = get();
    return () => value;
  } catch (error) {
    return () => throwing(error);
  }
}

/**
 * After a standstill, timers fire before the input that has arrived meanwhile is read: with a single timer, work that has
 * been done in time would seem to have timed out. Returns a function that cancels it.
 */
function callAfterParts(limitMs: number, clock: Clock, call: () => void): () => void {
  const partMs = Math.ceil(limitMs / parts);
  let cancel = () => {};
  const wait = (restMs: number) => {
    const nextMs = Math.min(partMs, restMs);
    cancel = callAfter(clock, nextMs, () => (restMs > nextMs ? wait(restMs - nextMs) : call()));
  };
  wait(limitMs);
  return () => cancel();
}
