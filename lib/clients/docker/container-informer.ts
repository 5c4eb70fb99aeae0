import { isDeepStrictEqual } from "node:util";
import { Cell } from "../../base/cell.ts";
import type { Clock } from "../../base/clock.ts";
import { Fault } from "../../base/fault.ts";
import { SharingMap } from "../../base/sharing-map.ts";
import { ContainerRuns } from "./container-runs.ts";
import type { Container, Containers, EngineEvent } from "./contract.ts";
import { isEnd } from "./events.ts";

type Inspect = (id: string, signal: AbortSignal) => Promise<Container | undefined>;

/**
 * Maintains the containers of an engine from its list and its events. An event only marks a container for inspection:
 * the result of that counts. Nothing is published before every listed container has been inspected once.
 */
export class ContainerInformer {
  readonly #published: Cell<Containers | undefined>;
  readonly #progress: () => void;
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
  readonly #runs: ContainerRuns;
  /** Containers that are stopping or flapping, which ends in time. */
  readonly #pending = new Set<string>();

  /** `progress` is called when `published` is up to date and no inspection is failing. */
  constructor(
    published: Cell<Containers | undefined>,
    progress: () => void,
    clock: Pick<Clock, "now">,
  ) {
    this.#published = published;
    this.#progress = progress;
    this.#runs = new ContainerRuns(clock);
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
    const { id, atMs } = event;
    const known = this.#containers.get(id);
    this.#due.add(id);
    if (event.action === "kill") {
      this.#runs.onSignal(event);
      if (known) this.#set(id, this.#withRun(known));
    }
    // The event may be of an earlier run: the last second is repeated after a reconnect.
    if (known && isEnd(event) && atMs >= known.startedMs) {
      if (known.state !== "restarting") this.#runs.onEnd(known, atMs);
      this.#set(id, undefined);
    }
    this.#wakeUps.set(undefined);
  }

  /** Publishes of which containers a stop is over, and which have lived long enough: called in short intervals. */
  onTime(): void {
    for (const id of this.#pending) {
      const known = this.#containers.get(id);
      if (known) this.#set(id, this.#withRun(known));
    }
  }

  /** Inspects again the containers of which a change may have gone unnoticed. */
  resync(): void {
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
    if (!found) this.#runs.onGone(id);
    this.#set(id, found && this.#withRun(found));
    this.#markInspected(id);
    if (hadFailed) this.#reportProgress();
  }

  #withRun(container: Container): Container {
    return this.#runs.withRun(container, this.#published.value?.get(container.id));
  }

  /** Keeps the last known state of a container, which may be from before the last reconnect. */
  #restore(id: string): void {
    const before = this.#published.value?.get(id);
    if (before && !this.#containers.has(id)) this.#set(id, before);
  }

  #set(id: string, container: Container | undefined): void {
    const isPending = container?.stoppingUntilMs !== undefined || container?.flapping;
    if (isPending) this.#pending.add(id);
    else this.#pending.delete(id);
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
