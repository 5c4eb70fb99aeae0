import { childScope, never, untilAborted, whenAborted } from "./signal.ts";

/** Runs until its signal aborts, and returns or rejects once it has cleaned up. */
export interface Service {
  run(signal: AbortSignal): Promise<void>;
}

/** The order in which services start, and the order in which they stop; both lists hold the same services. */
export interface Lifecycle {
  readonly start: readonly Service[];
  readonly stop: readonly Service[];
  /** Called before the first service is stopped, with the reason: that of the signal, or the failure of a service. */
  readonly onStopping?: (reason: unknown) => void;
}

/**
 * Runs services side by side until `signal` aborts, one of them fails, or all have returned. Then stops them one after
 * the other in the order of `stop`: the next one only once the one before has ended. Throws the first failure.
 */
export async function runUntil(
  signal: AbortSignal,
  { start, stop, onStopping }: Lifecycle,
): Promise<void> {
  const failures: unknown[] = [];
  await childScope(signal, async (scope, abortAll) => {
    const running = new Map(
      start.map((service) => [
        service,
        begin(service, (error) => {
          failures.push(error);
          abortAll(error);
        }),
      ]),
    );
    const allEnded = Promise.all([...running.values()].map(({ ended }) => ended));
    await Promise.race([whenAborted(scope, never), allEnded]);
    if (scope.aborted) onStopping?.(scope.reason);
    for (const service of stop) {
      const one = running.get(service);
      one?.stop(scope.reason);
      await one?.ended;
    }
  });
  if (failures.length > 0) throw failures[0];
}

interface RunningService {
  readonly stop: (reason: unknown) => void;
  /** Resolves once the service has ended, however it did. */
  readonly ended: Promise<void>;
}

function begin(service: Service, onFailure: (error: unknown) => void): RunningService {
  const stopping = new AbortController();
  const { signal } = stopping;
  return {
    stop: (reason) => stopping.abort(reason),
    ended: untilAborted(signal, service.run(signal)).catch(onFailure),
  };
}
