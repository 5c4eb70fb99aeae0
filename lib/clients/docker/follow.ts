import type { Cell } from "../../base/cell.ts";
import type { Clock } from "../../base/clock.ts";
import type { Fault } from "../../base/fault.ts";
import { runAll } from "../../base/signal.ts";
import { withTimeout } from "../../base/timeout.ts";
import { ContainerInformer } from "./container-informer.ts";
import type { Containers } from "./contract.ts";
import type { Engine } from "./engine.ts";
import { faults } from "./faults.ts";

export interface FollowDeps {
  readonly clock: Clock;
  /** Called whenever the cell is up to date with the engine. */
  readonly progress: () => void;
  /** Called when a single container cannot be inspected; the others are still followed. */
  readonly onFault: (fault: Fault, retryInMs: number) => void;
}

/** Milliseconds between pings, which use a connection of their own. */
const pingMs = 2000;

/** Milliseconds between two lists, which show the changes of which the engine has lost the event. */
const listMs = 15_000;

/** Milliseconds between two looks at the containers of which the state changes in time. */
const timeStepMs = 250;

/** Time limit of a ping, in milliseconds. */
const pingTimeoutMs = 2000;

/** Time limit of an inspection, in milliseconds: Docker locks a container while it starts or stops it. */
const inspectTimeoutMs = 10_000;

/** The number of concurrent inspections, so that locked containers do not block others. */
const concurrency = 32;

/**
 * Keeps the cell up to date with the running containers of the engine until a fault, which is thrown: the cell then
 * keeps the last state, and the caller retries. Events are subscribed to from a time before the list, so that there is
 * no gap, and each one costs one inspection of one container; a change without an event is noticed within 15 s by the state
 * in the list. Unchanged containers keep their identity. A container that cannot be inspected keeps its last state; an engine
 * that stops responding is noticed within 4 s.
 */
export async function followContainers(
  socket: string,
  containers: Cell<Containers | undefined>,
  deps: FollowDeps,
  signal: AbortSignal,
): Promise<void> {
  // With its HTTP client, which only agents with containers need.
  const { Engine } = await import("./engine.ts");
  await using engine = new Engine(socket);
  const { clock } = deps;
  const { ping, inspect } = limited(engine, clock);
  // Events since this time are sent again. The clock has whole seconds: a few events may be known already.
  const since = await ping(signal);
  const informer = new ContainerInformer(containers, deps.progress, clock);
  const onFault = (fault: Fault) => deps.onFault(fault, pingMs);
  await runAll(
    signal,
    async (s) => {
      for await (const event of engine.events(since, s)) informer.onEvent(event);
    },
    async (s) => {
      for (;;) {
        informer.beginList();
        informer.onList(await engine.list(s));
        await clock.sleep(listMs, s);
      }
    },
    ...Array.from(
      { length: concurrency },
      () => (s: AbortSignal) => informer.inspectDue(inspect, onFault, s),
    ),
    async (s) => {
      for (;;) {
        await clock.sleep(timeStepMs, s);
        informer.onTime();
      }
    },
    async (s) => {
      for (;;) {
        await clock.sleep(pingMs, s);
        await ping(s);
        informer.resync();
      }
    },
  );
}

/** The calls with a time limit. Each throws DOCKER_TIMEOUT at its limit. */
function limited(engine: Engine, clock: Clock) {
  const { socket } = engine;
  const onTimeout = (action: string, limitMs: number) => () => {
    throw faults.DOCKER_TIMEOUT({ socket, action, limitMs });
  };
  return {
    ping: async (signal: AbortSignal) => {
      const timedOut = onTimeout("answer", pingTimeoutMs);
      return await withTimeout(pingTimeoutMs, (s) => engine.ping(s), timedOut, clock, signal);
    },
    inspect: async (id: string, signal: AbortSignal) => {
      const timedOut = onTimeout(`inspect container ${id.slice(0, 12)}`, inspectTimeoutMs);
      const work = (s: AbortSignal) => engine.inspect(id, s);
      return await withTimeout(inspectTimeoutMs, work, timedOut, clock, signal);
    },
  };
}
