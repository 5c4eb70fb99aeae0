import { Cell, untilAny } from "../../../lib/base/cell.ts";
import type { Clock } from "../../../lib/base/clock.ts";
import { race, runAll } from "../../../lib/base/signal.ts";
import { withTimeout } from "../../../lib/base/timeout.ts";
import type { Destination } from "../../../lib/destination/contract.ts";
import { type Candidates, noCandidates } from "../../../lib/destination/decide.ts";
import type { DestinationFacts, InstanceDestinationFacts } from "../../../lib/status/facts.ts";
import { joinCandidates } from "./joined-candidates.ts";
import { DestinationLoop, type DestinationLoopDeps, type Leaving } from "./loop.ts";
import type { DestinationRecord } from "./record.ts";
import { type InDestination, unknownThere } from "./registrations.ts";

/** A destination, and the services that are registered in it; undefined for all. */
export interface UsedDestination {
  readonly destination: Destination;
  readonly services?: readonly string[] | undefined;
}

export interface DestinationsDeps extends Omit<DestinationLoopDeps, "restored" | "save"> {
  /** What earlier processes may have registered. */
  readonly record?: Pick<DestinationRecord, "of" | "save">;
}

interface Running {
  readonly loop: DestinationLoop;
  readonly services: readonly string[] | undefined;
  readonly candidates: Cell<Candidates>;
}

/** An instance, and a destination in which it is not as it is waited for. */
export interface MissingThere {
  readonly name: string;
  readonly destination: string;
}

/**
 * The destinations of a presence agent, with a loop for each: a slow one holds up no other, nor the keyspace. They see the
 * instances of all keyspaces once.
 */
export class Destinations {
  readonly #all: readonly Running[];
  readonly #clock: Clock;

  constructor(used: readonly UsedDestination[], { record, ...deps }: DestinationsDeps) {
    this.#clock = deps.clock;
    this.#all = used.map(({ destination, services }) => {
      const { name } = destination;
      const candidates = new Cell(noCandidates);
      const loop = new DestinationLoop(destination, candidates, {
        ...deps,
        ...(record && {
          restored: record.of(name),
          save: (all) => record.save(name, all),
        }),
      });
      return { loop, services, candidates };
    });
  }

  /** How many there are. */
  get count(): number {
    return this.#all.length;
  }

  get facts(): readonly DestinationFacts[] {
    return this.#all.map(({ loop }) => ({
      ...{ name: loop.name, loop: loop.liveness.facts(), settings: loop.describe() },
    }));
  }

  /** An instance in each of the destinations of its service. */
  stateOf(name: string): readonly InstanceDestinationFacts[] {
    return this.#of(name).map(({ loop }) => {
      return { destination: loop.name, ...(loop.states.value.get(name) ?? unknownThere) };
    });
  }

  /** The names of the destinations of its service. */
  namesFor(name: string): readonly string[] {
    return this.#of(name).map(({ loop }) => loop.name);
  }

  /** Set whenever the state of an instance has changed. */
  get cells(): readonly Cell<unknown>[] {
    return this.#all.map(({ loop }) => loop.states);
  }

  /** Whether a destination has an instance, as far as is known. */
  hasAny(name: string): boolean {
    return this.stateOf(name).some(({ isRegistered }) => isRegistered);
  }

  /** Waits until no destination sends new requests to the instances, `limitMs` at the most. Reports what is missing whenever that changes. */
  async untilDrained(
    names: readonly string[],
    limitMs: number,
    onMissing: (missing: readonly MissingThere[]) => void,
    signal: AbortSignal,
  ): Promise<void> {
    await this.#until(names, isDrained, limitMs, onMissing, signal);
  }

  /** Waits until every destination sends requests to the instances, `limitMs` at the most. Returns the missing ones. */
  async untilServing(
    names: readonly string[],
    limitMs: number,
    signal: AbortSignal,
  ): Promise<readonly MissingThere[]> {
    return await this.#until(names, isServing, limitMs, () => {}, signal);
  }

  async #until(
    names: readonly string[],
    isThere: (one: InDestination) => boolean,
    limitMs: number,
    onMissing: (missing: readonly MissingThere[]) => void,
    signal: AbortSignal,
  ): Promise<readonly MissingThere[]> {
    let missing: readonly MissingThere[] = [];
    const isComplete = () => {
      missing = names.flatMap((name) =>
        this.#of(name).flatMap(({ loop }) =>
          isThere(loop.states.value.get(name) ?? unknownThere)
            ? []
            : [{ name, destination: loop.name }],
        ),
      );
      onMissing(missing);
      return missing.length === 0;
    };
    const waiting = (s: AbortSignal) => untilAny(this.cells, isComplete, s);
    await withTimeout(limitMs, waiting, () => {}, this.#clock, signal);
    return missing;
  }

  #of(name: string): readonly Running[] {
    const service = name.slice(0, name.indexOf("/"));
    return this.#all.filter(({ services }) => services?.includes(service) ?? true);
  }

  /** Keeps the destinations equal to the candidates of all parts of the agent, until they have left. */
  async run(
    parts: readonly Cell<Candidates>[],
    leaving: Leaving,
    signal: AbortSignal,
  ): Promise<void> {
    await runAll(
      signal,
      ...this.#all.map((one) => async (s: AbortSignal) => await runOne(one, parts, leaving, s)),
    );
  }
}

async function runOne(
  { loop, services, candidates }: Running,
  parts: readonly Cell<Candidates>[],
  leaving: Leaving,
  signal: AbortSignal,
): Promise<void> {
  await race<void>(
    signal,
    (s) => joinCandidates(parts, services, candidates, s),
    (s) => loop.run(leaving, s),
  );
}

const isDrained = (one: InDestination) => one.isDrained;

const isServing = ({ state }: InDestination) => state === "serving";
