import { isDeepStrictEqual } from "node:util";
import { Cell } from "../../base/cell.ts";
import type { Clock } from "../../base/clock.ts";
import { Fault } from "../../base/fault.ts";
import { SharingMap } from "../../base/sharing-map.ts";
import type { Container, Containers, EngineEvent } from "./contract.ts";
import { isEnd } from "./events.ts";
import { kill, terminate } from "./signals.ts";

/** A signal sent to a container: milliseconds on the engine's clock, and on that of this agent. */
interface SentSignal {
  readonly atMs: number;
  readonly receivedMs: number;
}

/** Milliseconds from the end of the stop timeout of a container until it counts as staying: its engine would have killed it. */
const staysAfterMs = 1000;

type Inspect = (id: string, signal: AbortSignal) => Promise<Container | undefined>;

/**
 * Maintains the containers of an engine from its list and its events. An event only marks a container for inspection:
 * the result of that counts. Nothing is published before every listed container has been inspected once.
 */
export class ContainerInformer {
  readonly #published: Cell<Containers | undefined>;
  readonly #progress: () => void;
  readonly #clock: Pick<Clock, "now">;
  #containers: Containers = SharingMap.of([]);
  /** Listed containers that have not been inspected; undefined before the list has arrived. */
  #uninspected: Set<string> | undefined;
  #isComplete = false;
  /** Containers to inspect. */
  readonly #due = new Set<string>();
  readonly #wakeUps = new Cell(undefined);
  /** Containers that are being inspected. */
  readonly #busy = new Set<string>();
  /** Containers that could not be inspected. */
  readonly #failed = new Set<string>();
  /** Containers before their first health result: old versions of Podman send no event for it. */
  readonly #starting = new Set<string>();
  /** The last signal of each kind sent to each container. */
  readonly #signals = new Map<string, Map<number, SentSignal>>();

  /** `progress` is called when `published` is up to date and no inspection is failing. */
  constructor(
    published: Cell<Containers | undefined>,
    progress: () => void,
    clock: Pick<Clock, "now">,
  ) {
    this.#published = published;
    this.#progress = progress;
    this.#clock = clock;
  }

  /** Takes the ids of all running containers. */
  onList(ids: readonly string[]): void {
    this.#uninspected = new Set(ids);
    for (const id of ids) this.#due.add(id);
    this.#wakeUps.set(undefined);
    this.#completeOnceInspected();
  }

  /** Takes an event. The end of a container, or a signal to stop it, takes effect before the inspection. */
  onEvent(event: EngineEvent): void {
    const { id, atMs, signal } = event;
    const known = this.#containers.get(id);
    this.#due.add(id);
    if (event.action === "kill" && signal !== undefined) {
      const sent = { atMs, receivedMs: this.#clock.now() };
      this.#signals.set(id, new Map(this.#signals.get(id)).set(signal, sent));
      if (known) this.#set(id, this.#withStop(known));
    }
    // The event may be of an earlier run: the last second is repeated after a reconnect.
    if (known && isEnd(event) && atMs >= known.startedMs) this.#set(id, undefined);
    this.#wakeUps.set(undefined);
  }

  /** Inspects again the containers of which a change may have gone unnoticed, and looks which of them have outlived a stop. */
  resync(): void {
    for (const [id, known] of this.#containers) {
      if (known.stoppingUntilMs !== undefined) this.#set(id, this.#withStop(known));
    }
    for (const id of [...this.#failed, ...this.#starting]) this.#due.add(id);
    this.#wakeUps.set(undefined);
  }

  /**
   * Inspects due containers, one at a time; may be called several times to inspect concurrently. A fault that concerns a
   * single container is passed to `onFault`, any other is thrown. Ends only by rejecting.
   */
  async inspectDue(
    inspect: Inspect,
    onFault: (fault: Fault) => void,
    signal: AbortSignal,
  ): Promise<never> {
    for (;;) {
      const id = await this.#next(signal);
      try {
        const found = await inspect(id, signal);
        // After an event during the inspection its result is out of date: the container is inspected again.
        if (!this.#due.has(id)) this.#onInspected(id, found);
      } catch (error) {
        if (signal.aborted || !concernsOneContainer(error)) throw error;
        this.#failed.add(id);
        this.#restore(id);
        this.#markInspected(id);
        onFault(error);
      } finally {
        this.#busy.delete(id);
      }
      if (this.#due.has(id)) this.#wakeUps.set(undefined);
    }
  }

  /** Waits for a due container and claims it. */
  async #next(signal: AbortSignal): Promise<string> {
    for (;;) {
      const { version } = this.#wakeUps;
      const id = this.#claim();
      if (id !== undefined) return id;
      await this.#wakeUps.newer(version, signal);
    }
  }

  /** Marks a due container as busy, so that no concurrent call inspects it as well. */
  #claim(): string | undefined {
    for (const id of this.#due) {
      if (this.#busy.has(id)) continue;
      this.#due.delete(id);
      this.#busy.add(id);
      return id;
    }
    return undefined;
  }

  #onInspected(id: string, found: Container | undefined): void {
    const hadFailed = this.#failed.delete(id);
    if (found?.health.status === "starting") this.#starting.add(id);
    else this.#starting.delete(id);
    if (!found) this.#signals.delete(id);
    this.#set(id, found && this.#withStop(found));
    this.#markInspected(id);
    if (hadFailed) this.#reportProgress();
  }

  /** A container with the time until which its current run counts as stopping. */
  #withStop(container: Container): Container {
    const untilMs = this.#stoppingUntilMs(container);
    const stays = untilMs === undefined || untilMs <= this.#clock.now();
    return { ...container, stoppingUntilMs: stays ? undefined : untilMs };
  }

  /** When the last request to stop this run is over, also if the request was before the last reconnect. */
  #stoppingUntilMs({ id, startedMs, stopSignal, stopTimeoutMs }: Container): number | undefined {
    const stopSignals = [kill, terminate, stopSignal];
    const before = this.#published.value?.get(id);
    let untilMs = before?.startedMs === startedMs ? before.stoppingUntilMs : undefined;
    for (const [signal, { atMs, receivedMs }] of this.#signals.get(id) ?? []) {
      if (!stopSignals.includes(signal) || atMs < startedMs) continue;
      const limitMs = signal === kill ? Number.POSITIVE_INFINITY : stopTimeoutMs + staysAfterMs;
      untilMs = Math.max(untilMs ?? 0, receivedMs + limitMs);
    }
    return untilMs;
  }

  /** Keeps the last known state of a container, which may be from before the last reconnect. */
  #restore(id: string): void {
    const before = this.#published.value?.get(id);
    if (before && !this.#containers.has(id)) this.#set(id, before);
  }

  #set(id: string, container: Container | undefined): void {
    const before = this.#published.value?.get(id);
    const isSame = isDeepStrictEqual(before, container);
    const after = this.#containers.with([[id, isSame ? before : container]]);
    if (after === this.#containers) return;
    this.#containers = after;
    if (this.#isComplete) this.#publish();
  }

  #markInspected(id: string): void {
    if (this.#uninspected?.delete(id)) this.#completeOnceInspected();
  }

  #completeOnceInspected(): void {
    if (this.#isComplete || this.#uninspected?.size !== 0) return;
    this.#isComplete = true;
    this.#publish();
  }

  #publish(): void {
    this.#published.set(this.#containers);
    this.#reportProgress();
  }

  #reportProgress(): void {
    if (this.#isComplete && this.#failed.size === 0) this.#progress();
  }
}

/** Whether only the inspected container is affected: an engine may be blocked on a single one. */
function concernsOneContainer(error: unknown): error is Fault {
  if (!(error instanceof Fault)) return false;
  return error.code === "DOCKER_TIMEOUT" || error.code === "DOCKER_FAILED";
}
