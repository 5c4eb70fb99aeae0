import { isDeepStrictEqual } from "node:util";
import { Cell } from "../../base/cell.ts";
import { Fault } from "../../base/fault.ts";
import { SharingMap } from "../../base/sharing-map.ts";
import type { Container, Containers, EngineEvent } from "./contract.ts";
import { isEnd } from "./events.ts";
import { kill, terminate } from "./signals.ts";

type Look = (id: string, signal: AbortSignal) => Promise<Container | undefined>;

/**
 * Turns what an engine lists and tells into containers. Whatever is told only says which one is to be looked at;
 * what it is then is what counts. Nothing is published before all that was listed has been looked at once.
 */
export class ContainerInformer {
  readonly #published: Cell<Containers | undefined>;
  readonly #progress: () => void;
  #containers: Containers = SharingMap.of([]);
  /** Who was listed and has not been looked at; undefined before the list is there. */
  #awaited: Set<string> | undefined;
  #isComplete = false;
  /** Whom to look at. */
  readonly #due = new Set<string>();
  readonly #wakeUps = new Cell(undefined);
  /** Who is being looked at now. */
  readonly #busy = new Set<string>();
  /** Who could not be looked at. */
  readonly #stuck = new Set<string>();
  /** Who is to become healthy: an old Podman does not tell of that. */
  readonly #starting = new Set<string>();
  /** When each container was last sent which signal, by the engine's clock. */
  readonly #signals = new Map<string, Map<number, number>>();

  constructor(published: Cell<Containers | undefined>, progress: () => void) {
    this.#published = published;
    this.#progress = progress;
  }

  /** Names all containers that run. */
  onList(ids: readonly string[]): void {
    this.#awaited = new Set(ids);
    for (const id of ids) this.#due.add(id);
    this.#wakeUps.set(undefined);
    this.#completeOnceLooked();
  }

  /** Takes in an event. That a container has ended, or is about to, is believed without a look. */
  onEvent(event: EngineEvent): void {
    const { id, atMs, signal } = event;
    const known = this.#containers.get(id);
    this.#due.add(id);
    if (event.action === "kill" && signal !== undefined) {
      this.#signals.set(id, new Map(this.#signals.get(id)).set(signal, atMs));
      if (known && this.#isStopping(known)) this.#set(id, { ...known, stopping: true });
    }
    // It may be an old story: events of the last second are told again after a break.
    if (known && isEnd(event) && atMs >= known.startedMs) this.#set(id, undefined);
    this.#wakeUps.set(undefined);
  }

  /** Looks once more at those of whom nothing may be told. */
  resync(): void {
    for (const id of [...this.#stuck, ...this.#starting]) this.#due.add(id);
    this.#wakeUps.set(undefined);
  }

  /**
   * Looks at those who are due, one after the other; several may do so side by side. An engine that cannot describe
   * a single container is told to `onFault`; what else goes wrong is thrown.
   */
  async look(ask: Look, onFault: (fault: Fault) => void, signal: AbortSignal): Promise<never> {
    for (;;) {
      const id = await this.#next(signal);
      try {
        const found = await ask(id, signal);
        // What has happened since is not in the answer: it is asked for again.
        if (!this.#due.has(id)) this.#found(id, found);
      } catch (error) {
        if (signal.aborted || !isOfOneContainer(error)) throw error;
        this.#stuck.add(id);
        this.#keep(id);
        this.#lookedAt(id);
        onFault(error);
      } finally {
        this.#busy.delete(id);
      }
      if (this.#due.has(id)) this.#wakeUps.set(undefined);
    }
  }

  async #next(signal: AbortSignal): Promise<string> {
    for (;;) {
      const { version } = this.#wakeUps;
      for (const id of this.#due) {
        if (this.#busy.has(id)) continue;
        this.#due.delete(id);
        this.#busy.add(id);
        return id;
      }
      await this.#wakeUps.newer(version, signal);
    }
  }

  #found(id: string, found: Container | undefined): void {
    const wasStuck = this.#stuck.delete(id);
    if (found?.health.status === "starting") this.#starting.add(id);
    else this.#starting.delete(id);
    if (!found) this.#signals.delete(id);
    this.#set(id, found && { ...found, stopping: this.#isStopping(found) });
    this.#lookedAt(id);
    if (wasStuck) this.#tellProgress();
  }

  /** Whether this run of it, and not one before, was asked to stop: now, or before the connection broke. */
  #isStopping({ id, startedMs, stopSignal }: Container): boolean {
    const asksToStop = [kill, terminate, stopSignal];
    for (const [signal, atMs] of this.#signals.get(id) ?? []) {
      if (asksToStop.includes(signal) && atMs >= startedMs) return true;
    }
    const before = this.#published.value?.get(id);
    return before?.startedMs === startedMs && before.stopping;
  }

  /** Leaves a container as it was, before the connection broke if need be. */
  #keep(id: string): void {
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

  #lookedAt(id: string): void {
    if (this.#awaited?.delete(id)) this.#completeOnceLooked();
  }

  #completeOnceLooked(): void {
    if (this.#isComplete || this.#awaited?.size !== 0) return;
    this.#isComplete = true;
    this.#publish();
  }

  #publish(): void {
    this.#published.set(this.#containers);
    this.#tellProgress();
  }

  #tellProgress(): void {
    if (this.#isComplete && this.#stuck.size === 0) this.#progress();
  }
}

/** Whether it is about the one container that was asked for: an engine may be stuck with one, and with that alone. */
function isOfOneContainer(error: unknown): error is Fault {
  if (!(error instanceof Fault)) return false;
  return error.code === "DOCKER_TIMEOUT" || error.code === "DOCKER_FAILED";
}
