import type { Clock } from "../../base/clock.ts";
import type { Container, EngineEvent, Flapping } from "./contract.ts";
import { requiredLifeMs, type ShortLives, shortLivesAfter } from "./short-lives.ts";
import { kill, terminate } from "./signals.ts";

/** A signal sent to a container: milliseconds on the engine's clock, and on that of this agent. */
interface SentSignal {
  readonly atMs: number;
  readonly receivedMs: number;
}

/** The run of a container that flaps. */
interface FlappingRun {
  readonly startedMs: number;
  readonly flapping: Flapping;
}

/** Milliseconds from the end of the stop timeout of a container until it counts as staying: its engine would have killed it. */
const staysAfterMs = 1000;

/** Tracks by the events of containers whether the current run of each is stopping, and whether it flaps. */
export class ContainerRuns {
  readonly #clock: Pick<Clock, "now">;
  /** The last signal of each kind sent to each container. */
  readonly #signals = new Map<string, Map<number, SentSignal>>();
  #shortLives: ShortLives = new Map();
  readonly #flapping = new Map<string, FlappingRun>();

  constructor(clock: Pick<Clock, "now">) {
    this.#clock = clock;
  }

  /** Takes a `kill` event. */
  onSignal({ id, atMs, signal }: EngineEvent): void {
    if (signal === undefined) return;
    const sent = { atMs, receivedMs: this.#clock.now() };
    this.#signals.set(id, new Map(this.#signals.get(id)).set(signal, sent));
  }

  /** Takes the end of a run, at a time of the engine's clock. */
  onEnd({ id, startedMs, stoppingUntilMs }: Container, atMs: number): void {
    const wasAsked = stoppingUntilMs !== undefined;
    const ended = { id, livedMs: atMs - startedMs, wasAsked };
    this.#shortLives = shortLivesAfter(this.#shortLives, ended);
  }

  /** Takes that a container does not run. It may start again. */
  onGone(id: string): void {
    this.#signals.delete(id);
    this.#flapping.delete(id);
  }

  /** The container with the state of its run. `before` is its last state, which may be from before a reconnect. */
  withRun(container: Container, before: Container | undefined): Container {
    const known = before?.startedMs === container.startedMs ? before : undefined;
    const stoppingUntilMs = this.#pending(this.#stoppingUntilMs(container, known));
    const flapping = this.#flappingOf(container, known);
    return {
      ...container,
      stoppingUntilMs,
      flapping: this.#pending(flapping?.untilMs) === undefined ? undefined : flapping,
    };
  }

  /** A time in the future; undefined for any other. */
  #pending(untilMs: number | undefined): number | undefined {
    return untilMs !== undefined && untilMs > this.#clock.now() ? untilMs : undefined;
  }

  /** When the last request to stop this run is over. */
  #stoppingUntilMs(
    { id, startedMs, stopSignal, stopTimeoutMs }: Container,
    known: Container | undefined,
  ): number | undefined {
    const stopSignals = [kill, terminate, stopSignal];
    let untilMs = known?.stoppingUntilMs;
    for (const [signal, { atMs, receivedMs }] of this.#signals.get(id) ?? []) {
      if (!stopSignals.includes(signal) || atMs < startedMs) continue;
      const limitMs = signal === kill ? Number.POSITIVE_INFINITY : stopTimeoutMs + staysAfterMs;
      untilMs = Math.max(untilMs ?? 0, receivedMs + limitMs);
    }
    return untilMs;
  }

  /** Decided once for each run, when it is seen first. */
  #flappingOf({ id, startedMs }: Container, known: Container | undefined): Flapping | undefined {
    const run = this.#flapping.get(id);
    if (run?.startedMs === startedMs) return run.flapping;
    const livedMs = this.#shortLives.get(id);
    if (livedMs === undefined) return known?.flapping;
    const requiredMs = requiredLifeMs(livedMs);
    const flapping = { livedMs, requiredMs, untilMs: this.#clock.now() + requiredMs };
    this.#flapping.set(id, { startedMs, flapping });
    return flapping;
  }
}
