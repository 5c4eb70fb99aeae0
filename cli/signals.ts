import { close as closeDebugger, url as debuggerUrl } from "node:inspector";

/** Signals that a running agent handles itself. */
export type AgentSignal = "SIGHUP" | "SIGUSR1" | "SIGUSR2";

/** Calls `listener` for each agent signal, instead of the default, until the result is disposed of. */
export type OnAgentSignal = (listener: (name: AgentSignal) => void) => Disposable;

/** Hands signals to `take` until the result is disposed of: they have no other effect then. */
export type OnForwarded = (
  names: readonly NodeJS.Signals[],
  take: (name: NodeJS.Signals) => void,
) => Disposable;

export interface ProcessSignals {
  /** Aborts with the first signal that ends the program. */
  readonly stopping: AbortSignal;
  readonly onAgentSignal: OnAgentSignal;
  readonly onForwarded: OnForwarded;
}

/**
 * Handles the signals of this process: the first SIGTERM, SIGINT or SIGHUP shuts down, the second one calls `exit`. The
 * defaults of Node.js do not apply: SIGUSR1 would open a debugger port for every local user, and SIGUSR2 would kill. `nodeOptions` are those of Node.js, which may ask
 * for a debugger.
 */
export function handleSignals(nodeOptions: string, exit: () => never): ProcessSignals {
  const stopping = new AbortController();
  let listener: ((name: AgentSignal) => void) | undefined;
  const stop = (name: string) => {
    if (stopping.signal.aborted) exit();
    stopping.abort(new DOMException(`stopped by ${name}`, "AbortError"));
  };
  /** The signals that are handed on to a program. */
  const forwarded = new Map<NodeJS.Signals, (name: NodeJS.Signals) => void>();
  const on = (name: NodeJS.Signals, act: () => void) =>
    process.on(name, () => {
      const take = forwarded.get(name);
      if (take) take(name);
      else act();
    });
  on("SIGTERM", () => stop("SIGTERM"));
  on("SIGINT", () => stop("SIGINT"));
  on("SIGHUP", () => (listener ? listener("SIGHUP") : stop("SIGHUP")));
  for (const name of ["SIGUSR1", "SIGUSR2"] as const) on(name, () => listener?.(name));
  if (!nodeOptions.includes("--inspect")) keepDebuggerClosed();
  return {
    stopping: stopping.signal,
    onAgentSignal(given) {
      listener = given;
      return {
        [Symbol.dispose]: () => {
          listener = undefined;
        },
      };
    },
    onForwarded(names, take) {
      for (const name of names) forwarded.set(name, take);
      // The others of them have no effect of their own on Node.js, or end it.
      const others = names.filter((name) => process.listenerCount(name) === 0);
      for (const name of others) process.on(name, take);
      return {
        [Symbol.dispose]: () => {
          for (const name of names) forwarded.delete(name);
          for (const name of others) process.off(name, take);
        },
      };
    },
  };
}

/** Closes the debugger that a SIGUSR1 has opened before it was handled. */
function keepDebuggerClosed(): void {
  // A signal that is being handled by Node.js takes effect within the first turns of the event loop, and opens it twice.
  closeAgain([0, 0, 100, 1000]);
}

/** Each wait begins after the last one: on a slow machine, timers that are all due would fire in the same turn. */
function closeAgain([waitMs, ...later]: readonly number[]): void {
  if (debuggerUrl() !== undefined) closeDebugger();
  if (waitMs !== undefined) setTimeout(() => closeAgain(later), waitMs).unref();
}
