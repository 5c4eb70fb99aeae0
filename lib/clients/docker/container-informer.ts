import { isDeepStrictEqual } from "node:util";
import type { Cell } from "../../base/cell.ts";
import type { Clock } from "../../base/clock.ts";
import { Fault } from "../../base/fault.ts";
import { SharingMap } from "../../base/sharing-map.ts";
import { ContainerRuns } from "./container-runs.ts";
import type { Container, Containers, EngineEvent } from "./contract.ts";
import { isEnd } from "./events.ts";
import { InspectionQueue } from "./inspection-queue.ts";
import { isAsListed, type ListedContainer } from "./listed.ts";

type Inspect = (id: string, signal: AbortSignal) => Promise<Container | undefined>;

/**
 * Maintains the containers of an engine from its lists and its events. An event only marks a container for inspection, the
 * result of which counts; so does a list that shows another state. Only a paused container is not inspected before it runs
 * again: if a HEALTHCHECK was just being started, Docker blocks the inspection until that times out, by default for 30 s.
 * Nothing is published before every container of the first list has been inspected once.
 */
export class ContainerInformer {
  readonly #published: Cell<Containers | undefined>;
  readonly #progress: () => void;
  #containers: Containers = SharingMap.of([]);
  /** Listed containers that have not been inspected; undefined before the list has arrived. */
  #uninspected: Set<string> | undefined;
  #isComplete = false;
  readonly #queue = new InspectionQueue();
  /** Containers with an event since the last list was requested, which may be older than the event. */
  readonly #changed = new Set<string>();
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

  /** A list is about to be requested. */
  beginList(): void {
    this.#changed.clear();
  }

  /** Takes all running containers. After the first list, only ones of which an event was missed are inspected. */
  onList(listed: readonly ListedContainer[]): void {
    const isFirst = this.#uninspected === undefined;
    this.#uninspected ??= new Set(listed.map(({ id }) => id));
    const gone = new Set(this.#containers.keys()).difference(this.#changed);
    const differing: string[] = [];
    for (const one of listed) {
      const { id, isPaused } = one;
      gone.delete(id);
      const before = this.#lastKnown(id);
      if (isPaused && before && !this.#changed.has(id)) this.#onPaused(before);
      else if (isFirst) this.#queue.add(id);
      else if (!isAsListed(this.#containers.get(id), one)) differing.push(id);
    }
    this.#queue.addIdle([...differing, ...gone]);
    this.#completeOnceInspected();
  }

  /** Takes an event. The end of a container, a pause, or a signal to stop it, takes effect before any inspection. */
  onEvent(event: EngineEvent): void {
    const { id, atMs, action } = event;
    this.#changed.add(id);
    const known = this.#containers.get(id);
    const paused = action === "pause" ? this.#lastKnown(id) : undefined;
    // The event may be of an earlier run: the last second is repeated after a reconnect.
    if (paused && atMs >= paused.startedMs) {
      this.#onPaused(paused);
      return;
    }
    if (action === "kill") {
      this.#runs.onSignal(event);
      if (known) this.#set(id, this.#withRun(known));
    }
    if (known && isEnd(event) && atMs >= known.startedMs) {
      if (known.state !== "restarting") this.#runs.onEnd(known, atMs);
      this.#set(id, undefined);
    }
    this.#queue.add(id);
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
    this.#queue.addIdle([...this.#failed, ...this.#starting]);
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
      const id = await this.#queue.next(signal);
      try {
        const found = await inspect(id, signal);
        if (this.#queue.isCurrent(id)) this.#onInspected(id, found);
      } catch (error) {
        if (signal.aborted || !concernsOneContainer(error)) throw error;
        if (!this.#queue.isCancelled(id)) this.#onFailed(id, error, onFault);
      } finally {
        this.#queue.end(id);
      }
    }
  }

  /** Takes that a container is paused, `known` being its last state. */
  #onPaused(known: Container): void {
    const { id } = known;
    this.#queue.cancel(id);
    this.#starting.delete(id);
    const hadFailed = this.#failed.delete(id);
    this.#set(id, { ...known, state: "paused" });
    this.#markInspected(id);
    if (hadFailed) this.#reportProgress();
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

  #onFailed(id: string, fault: Fault, onFault: (fault: Fault) => void): void {
    this.#failed.add(id);
    this.#restore(id);
    this.#markInspected(id);
    onFault(fault);
  }

  #withRun(container: Container): Container {
    return this.#runs.withRun(container, this.#published.value?.get(container.id));
  }

  /** The last known state of a container, which may be from before the last reconnect. */
  #lastKnown(id: string): Container | undefined {
    return this.#containers.get(id) ?? this.#published.value?.get(id);
  }

  /** Keeps the last known state of a container. */
  #restore(id: string): void {
    const before = this.#lastKnown(id);
    if (before) this.#set(id, before);
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
