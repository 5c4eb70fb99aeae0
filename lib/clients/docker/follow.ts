import type { Cell } from "../../base/cell.ts";
import type { Clock } from "../../base/clock.ts";
import type { Fault } from "../../base/fault.ts";
import { race, runAll } from "../../base/signal.ts";
import { ContainerInformer } from "./container-informer.ts";
import type { Containers } from "./contract.ts";
import { Engine } from "./engine.ts";
import { faults } from "./faults.ts";

export interface FollowDeps {
  readonly clock: Clock;
  /** Called each time that the cell is equal to what the engine says. */
  readonly progress: () => void;
  /** Told where a single container cannot be looked at; the others are followed meanwhile. */
  readonly onFault: (fault: Fault, retryInMs: number) => void;
}

/** How often the engine is asked whether it is there, over a connection of its own. */
const pingMs = 2000;

/** How long it may take for an answer that costs it next to nothing. */
const answerMs = 2000;

/** How long it may take to describe a container: Docker keeps one that it starts, or ends, locked meanwhile. */
const describeMs = 10_000;

/** How many containers are looked at at a time: those that are locked hold up none of the others. */
const lookouts = 32;

/**
 * Keeps the cell equal to the containers that the engine runs, until that fails: the fault is thrown, the cell
 * keeps the last state, and the caller follows again. Events are heard before anything is listed, so that there
 * is no gap, and each one costs one look at one container. What did not change keeps its identity. A container
 * that cannot be looked at stays as it was; an engine that has fallen silent is noticed within 4 s.
 */
export async function followContainers(
  socket: string,
  containers: Cell<Containers | undefined>,
  deps: FollowDeps,
  signal: AbortSignal,
): Promise<void> {
  await using engine = new Engine(socket);
  const { clock } = deps;
  const answer = (s: AbortSignal) =>
    inTime("answer", answerMs, engine, clock, s, (within) => engine.ping(within));
  // What has happened since is told again: by a clock of whole seconds, a little that is known already.
  const since = await answer(signal);
  const lookout = new ContainerInformer(containers, deps.progress);
  const look = async (id: string, s: AbortSignal) => {
    const what = `describe the container ${id.slice(0, 12)}`;
    return await inTime(what, describeMs, engine, clock, s, (within) => engine.inspect(id, within));
  };
  const looking = Array.from(
    { length: lookouts },
    () => (s: AbortSignal) => lookout.look(look, (fault) => deps.onFault(fault, pingMs), s),
  );
  await runAll(
    signal,
    async (s) => {
      for await (const event of engine.events(since, s)) lookout.onEvent(event);
    },
    async (s) => lookout.onList(await engine.list(s)),
    ...looking,
    async (s) => {
      for (;;) {
        await clock.sleep(pingMs, s);
        await answer(s);
        lookout.resync();
      }
    },
  );
}

/** What the engine answers, unless that takes it too long: then throws DOCKER_TIMEOUT. */
async function inTime<T>(
  what: string,
  limitMs: number,
  { socket }: Engine,
  clock: Clock,
  signal: AbortSignal,
  ask: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  return await race<T>(signal, ask, async (s) => {
    await clock.sleep(limitMs, s);
    throw faults.DOCKER_TIMEOUT({ socket, what, limitMs });
  });
}
