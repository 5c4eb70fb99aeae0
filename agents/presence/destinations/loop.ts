import { Cell, untilAny } from "../../../lib/base/cell.ts";
import type { Clock } from "../../../lib/base/clock.ts";
import { FaultReports } from "../../../lib/base/fault-reporter.ts";
import type { Log } from "../../../lib/base/log.ts";
import type { Backoff } from "../../../lib/base/retry.ts";
import { never, race, whenAborted } from "../../../lib/base/signal.ts";
import { supervise } from "../../../lib/base/supervise.ts";
import { withTimeout } from "../../../lib/base/timeout.ts";
import type { Destination, Wanted } from "../../../lib/destination/contract.ts";
import {
  type Candidates,
  decide,
  type KnownRegistrations,
  type Step,
} from "../../../lib/destination/decide.ts";
import { faults } from "../../../lib/destination/faults.ts";
import { Liveness, withLiveness } from "../../../lib/status/liveness.ts";
import { doEach } from "./do-each.ts";
import { afterwards } from "./joined-candidates.ts";
import { DestinationLog } from "./log.ts";
import { DestinationPace } from "./pace.ts";
import { type InDestination, Registrations } from "./registrations.ts";

/** How long one call of a destination may take, in milliseconds. */
const callLimitMs = 30_000;

/** While the agent stops, a fault delays the next attempt by so much. */
const leavingBackoff: Backoff = { firstMs: 250, maxMs: 2000 };

/** The part of the shutdown timeout in which a destination may remove what was drained. */
const lastShare = 0.1;

const consequence = "registrations stay as they are there until then";

export interface DestinationLoopDeps {
  readonly clock: Clock;
  /** A number in [0, 1), so that many agents do not act in step. */
  readonly random: () => number;
  readonly log: Log;
  /** What earlier processes of this agent may have registered there. */
  readonly restored?: readonly Wanted[];
  /** Saves what may be registered there, before it is requested. */
  readonly save?: (all: readonly Wanted[], signal: AbortSignal) => Promise<void>;
}

/** Keeps one destination equal to what its instances should be there. */
export class DestinationLoop {
  readonly liveness: Liveness;
  /** The instances in the destination, by name. */
  readonly states = new Cell<ReadonlyMap<string, InDestination>>(new Map());
  readonly #destination: Destination;
  readonly #candidates: Cell<Candidates>;
  readonly #deps: DestinationLoopDeps;
  readonly #registrations: Registrations;
  readonly #pace: DestinationPace;
  readonly #log: DestinationLog;
  /** The instances do not drain any longer, either. */
  #hasLeft = false;
  /** What `states` was made of. */
  #published: { readonly known: KnownRegistrations; readonly version: number } | undefined;

  constructor(destination: Destination, candidates: Cell<Candidates>, deps: DestinationLoopDeps) {
    const { clock, random, log, restored = [] } = deps;
    this.#destination = destination;
    this.#candidates = candidates;
    this.#deps = deps;
    this.#registrations = new Registrations(destination, restored, clock);
    this.#pace = new DestinationPace(destination.pace, { clock, random });
    this.#log = new DestinationLog(destination.name, log);
    this.liveness = new Liveness(destination.name, clock);
  }

  get name(): string {
    return this.#destination.name;
  }

  /** How its requests are made, as far as it is known. */
  describe(): readonly string[] {
    return this.#destination.describe();
  }

  /**
   * Runs until `left` aborts, and then until the destination has no instance of this agent any longer, for a part of the shutdown
   * timeout. From `stopping` on a fault is retried sooner, and the destination is asked a few times more often.
   */
  async run({ stopping, left, shutdownTimeoutMs }: Leaving, signal: AbortSignal): Promise<void> {
    const reports = new FaultReports(this.name, this.#deps.log, this.#deps.clock);
    const reporter = withLiveness(reports.reporter(), this.liveness);
    const follow = (backoff: Backoff) => (s: AbortSignal) =>
      supervise<void>(
        (succeeded, t) => this.#follow(succeeded, t),
        { backoff, reporter, consequence },
        this.#deps,
        s,
      );
    await race(signal, follow(this.#destination.pace.backoff), (s) => whenAborted(stopping, s));
    this.#pace.hurry(shutdownTimeoutMs);
    await race(signal, follow(leavingBackoff), (s) => whenAborted(left, s));
    this.#hasLeft = true;
    const limitMs = lastShare * shutdownTimeoutMs;
    await race(signal, follow(leavingBackoff), (s) => this.#untilGone(limitMs, s));
  }

  /** Waits until nothing is left, at most so many milliseconds. */
  async #untilGone(limitMs: number, signal: AbortSignal): Promise<void> {
    const untilLeft = (s: AbortSignal) =>
      untilAny([this.states, this.#candidates], () => this.#unfinished().length === 0, s);
    const onTimeout = () => this.#log.left(this.#unfinished());
    await withTimeout(limitMs, untilLeft, onTimeout, this.#deps.clock, signal);
  }

  /** The names of the instances that are still to be removed, or drain. */
  #unfinished(): readonly string[] {
    const { known } = this.#registrations;
    const { deregister, deregisterUnlessLast } = this.#decide();
    const draining = Array.from(known.values(), ({ as, state }) =>
      state === "draining" && !as.isDraining ? [as] : [],
    ).flat();
    const all = [...deregister, ...deregisterUnlessLast, ...draining];
    return [...new Set(all.map(({ name }) => name))];
  }

  async #follow(succeeded: () => void, signal: AbortSignal): Promise<never> {
    for (;;) {
      this.liveness.deadline();
      const { version } = this.#candidates;
      const hasObserved = await this.#converge(signal);
      succeeded();
      // What was observed may call for something.
      if (hasObserved) continue;
      const waitMs = this.#pace.waitMs();
      await race(
        signal,
        (s) => this.#candidates.newer(version, s),
        (s) => (this.#isIdle() ? whenAborted(never, s) : this.#deps.clock.sleep(waitMs, s)),
      );
    }
  }

  /** Does what there is to do now. Returns whether the destination was observed. Throws the first fault. */
  async #converge(signal: AbortSignal): Promise<boolean> {
    const step = this.#decide();
    this.#registrations.forget(step.over);
    this.#registrations.keepOnly(step.deregisterUnlessLast);
    this.#publish();
    const isAssertion = this.#pace.isAssertionDue();
    const isObservation = step.observe.length > 0 && this.#pace.isObservationDue();
    const work: readonly (() => Promise<void>)[] = [
      () => this.#deregister(step.deregister, false, signal),
      () => this.#deregisterUnlessLast(step.deregisterUnlessLast, isObservation, signal),
      () => this.#register(isAssertion ? step.desired : step.register, signal),
      ...(isObservation ? [() => this.#observe(step, signal)] : []),
    ];
    await doEach(work);
    return isObservation;
  }

  async #register(instances: readonly Wanted[], signal: AbortSignal): Promise<void> {
    if (instances.length === 0) return;
    const isNew = instances.some((one) => !this.#registrations.mayExist(one));
    this.#registrations.requested(instances);
    if (isNew) await this.#save(signal);
    await this.#call("register", (s) => this.#destination.register(instances, s), signal);
    const added = this.#registrations.registered(instances);
    this.#log.registered(added);
    if (added.length > 0) this.#changed();
    else this.#publish();
  }

  async #deregister(
    instances: readonly Wanted[],
    isUnhealthy: boolean,
    signal: AbortSignal,
  ): Promise<void> {
    if (instances.length === 0) return;
    await this.#call("deregister", (s) => this.#destination.deregister(instances, s), signal);
    this.#registrations.deregistered(instances);
    this.#log.deregistered(instances, isUnhealthy);
    this.#changed();
    await this.#save(signal);
  }

  /** Unhealthy instances stay if nothing else would serve; that is asked again with each observation. */
  async #deregisterUnlessLast(
    instances: readonly Wanted[],
    isDue: boolean,
    signal: AbortSignal,
  ): Promise<void> {
    const isNew = instances.some((one) => !this.#registrations.isKept(one));
    if (instances.length === 0 || !(isNew || isDue)) return;
    const asking = (s: AbortSignal) => this.#destination.servesWithout(instances, s);
    if (await this.#call("list what it serves", asking, signal)) {
      return await this.#deregister(instances, true, signal);
    }
    const added = this.#registrations.kept(instances);
    this.#log.kept(added);
    if (added.length > 0) this.#changed();
  }

  async #observe({ observe }: Step, signal: AbortSignal): Promise<void> {
    const asking = (s: AbortSignal) => this.#destination.observe(observe, s);
    const observed = await this.#call("report the state of instances", asking, signal);
    this.#log.observed(this.#registrations.observed(observe, observed));
    this.#pace.observed(this.#decide().isMoving);
    this.#publish();
  }

  /** A request was accepted: the destination is asked what came of it. */
  #changed(): void {
    this.#pace.changed();
    this.#publish();
  }

  #decide(): Step {
    const { value } = this.#candidates;
    const candidates = this.#hasLeft ? afterwards(value) : value;
    return decide(candidates, this.#registrations.known, this.#destination);
  }

  /** Whether there is nothing to observe. */
  #isIdle(): boolean {
    return this.#decide().observe.length === 0;
  }

  #publish(): void {
    const { known } = this.#registrations;
    const { version, value } = this.#candidates;
    if (known === this.#published?.known && version === this.#published.version) return;
    this.#published = { known, version };
    this.states.set(this.#registrations.states(value));
  }

  async #save(signal: AbortSignal): Promise<void> {
    await this.#deps.save?.(this.#registrations.existing, signal);
  }

  /** Throws DESTINATION_TIMEOUT. */
  async #call<T>(
    action: string,
    work: (signal: AbortSignal) => Promise<T>,
    signal: AbortSignal,
  ): Promise<T> {
    const { name } = this;
    const onTimeout = (): never => {
      throw faults.DESTINATION_TIMEOUT({ name, at: name, action, limitMs: callLimitMs });
    };
    return await withTimeout(callLimitMs, work, onTimeout, this.#deps.clock, signal);
  }
}

/** The shutdown of the agent, in two steps. */
export interface Leaving {
  /** It begins. */
  readonly stopping: AbortSignal;
  /** The instances are drained, and the keyspace has none any longer. */
  readonly left: AbortSignal;
  readonly shutdownTimeoutMs: number;
}
