import { close as closeDebugger, url as debuggerUrl } from "node:inspector";

/** Signals that a running agent handles itself. */
export type AgentSignal = "SIGHUP" | "SIGUSR1" | "SIGUSR2";

/** Calls `listener` for each agent signal, instead of the default, until the result is disposed of. */
export type OnAgentSignal = (listener: (name: AgentSignal) => void) => Disposable;

export interface ProcessSignals {
  /** Aborts with the first signal that ends the program. */
  readonly stopping: AbortSignal;
  readonly onAgentSignal: OnAgentSignal;
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
  for (const name of ["SIGTERM", "SIGINT"] as const) process.on(name, () => stop(name));
  process.on("SIGHUP", () => (listener ? listener("SIGHUP") : stop("SIGHUP")));
  for (const name of ["SIGUSR1", "SIGUSR2"] as const) process.on(name, () => listener?.(name));
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
