import { Cell, type Current, untilEach } from "../../lib/base/cell.ts";
import { formatDuration } from "../../lib/base/duration.ts";
import type { PresencePlan } from "../../lib/config/plan.ts";
import type { Drained, DrainRequest } from "../../lib/control/contract.ts";
import type { Draining, DrainReason } from "../../lib/presence/contract.ts";
import {
  drainingAfter,
  drainingWith,
  drainingWithout,
  isGivenUp,
  requestedIn,
} from "../../lib/presence/drain.ts";
import { type Placing, placesOf } from "../../lib/presence/places.ts";
import { nameOf } from "../../lib/presence/roster.ts";
import { AckWaits, type AckWaitsDeps } from "./ack-waits.ts";
import { listed } from "./listed.ts";
import type { PresenceState } from "./state.ts";

/** What decides when an instance is drained. */
export type DrainState = Pick<
  PresenceState,
  "found" | "desired" | "observed" | "confirmed" | "storeKeys" | "held" | "session"
>;

/** How long draining takes. */
export type DrainPlan = Placing & Pick<PresencePlan, "drainDelayMs" | "shutdownTimeoutMs">;

export interface DrainDeps extends AckWaitsDeps {
  /** Whether the keyspace is reachable, as far as is known. */
  readonly isReachable: () => boolean;
}

/** The part of the shutdown timeout in which watchers may acknowledge; the rest is for removing the entries. */
const ackShare = 0.8;

/** The instances that are draining: on request, because the container engine stops them, or because the agent stops. */
export class DrainController {
  /** By name. */
  readonly draining: Cell<Draining>;
  /** The drains that were requested, which outlive the agent: its shutdown does not change them. */
  readonly requested: Cell<Draining>;
  readonly acks: AckWaits;
  readonly #plan: Current<DrainPlan>;
  readonly #state: DrainState;
  readonly #deps: DrainDeps;
  /** The agent stops: requests are as they are then. */
  #isStopping = false;
  /** No instance stays or becomes registered. */
  #isShuttingDown = false;

  /** `restored` has the requested drains of an earlier process. */
  constructor(plan: Current<DrainPlan>, state: DrainState, restored: Draining, deps: DrainDeps) {
    this.draining = new Cell(restored);
    this.requested = new Cell(restored);
    this.acks = new AckWaits(plan, state, deps);
    this.#plan = plan;
    this.#state = state;
    this.#deps = deps;
  }

  /**
   * Drains the instances that discovery reports as draining. One that is gone, or runs again, is forgotten: it comes back as a
   * new one. During the shutdown none comes back, and no new one is registered.
   */
  async followDiscovery(signal: AbortSignal): Promise<void> {
    const { found } = this.#state;
    for (;;) {
      const { version } = found;
      this.#follow(this.draining.value);
      await found.newer(version, signal);
    }
  }

  /** Sets the drains after these, with those that discovery asks for. */
  #follow(before: Draining): void {
    const nowMs = this.#deps.clock.now();
    const discovered = this.#state.found.value;
    const kept = drainingAfter(before, discovered, this.#plan.value.drainDelayMs, nowMs);
    const added = discovered.found.filter(({ instance }) => !kept.has(nameOf(instance)));
    const time = { sinceMs: nowMs, untilMs: nowMs };
    const after = this.#isShuttingDown ? drainingWith(kept, added, "shutdown", time) : kept;
    if (after.size > 0 || this.draining.value.size > 0) this.#set(after);
  }

  #set(draining: Draining): void {
    this.draining.set(draining);
    if (!this.#isStopping) this.requested.set(requestedIn(draining));
  }

  /**
   * Drains instances, and resolves once their entries are removed: after `forMs` milliseconds, or with `wait` as soon as every
   * watcher has acknowledged. They stay deregistered until they are undrained, gone or run again, also when the agent is
   * started again. One that is undrained meanwhile is cancelled. An instance that another agent holds is given up at once: only
   * its owner can drain it.
   */
  async drain({ names, forMs, wait }: DrainRequest, signal: AbortSignal): Promise<Drained> {
    if (names.length === 0) return { drained: [], cancelled: [], missing: [] };
    const held = names.filter((name) => this.#isHeld(name));
    this.#mark(held, "request", 0);
    this.#mark(names, "request", forMs);
    const missing = wait ? await this.acks.wait(names, forMs, signal) : [];
    if (wait) this.#mark(names.filter(this.#isDraining), "request", 0);
    await this.#removed(names, signal);
    return {
      drained: names.filter(this.#isDraining),
      cancelled: names.filter((name) => !this.#isDraining(name)),
      missing: missing.filter(({ name }) => this.#isDraining(name)),
    };
  }

  /** Ends the requested drains of instances. */
  undrain(names: readonly string[]): void {
    this.#follow(drainingWithout(this.draining.value, names));
  }

  /** Whether an instance is about to be deregistered, or is already. */
  isDraining(key: string): boolean {
    return this.draining.value.has(placesOf(this.#plan.value).nameAt(key));
  }

  /** Gives up the instances that other agents hold, for the shutdown: they are not taken over any longer. */
  giveUpHeld(): void {
    this.#isStopping = true;
    const { found } = this.#state.found.value;
    const names = found.map(({ instance }) => nameOf(instance));
    this.#mark(
      names.filter((name) => this.#isHeld(name)),
      "shutdown",
      0,
    );
  }

  /**
   * Drains every instance that is not given up, for the shutdown that began at `sinceMs` (milliseconds of the clock), and
   * resolves once the watchers have acknowledged, or at the limit.
   */
  async drainAll(sinceMs: number, signal: AbortSignal): Promise<void> {
    const { found, confirmed } = this.#state;
    const { clock, log, isReachable, destinations } = this.#deps;
    // One that discovery reports down has been deregistered, or is about to be: nothing is sent to it.
    const running = found.value.found.filter(({ standing }) => standing.state !== "down");
    const all = running.map(({ instance }) => nameOf(instance));
    const isThere = all.some((name) => destinations?.hasAny(name));
    if (all.length === 0 || (confirmed.value.size === 0 && !isThere)) return;
    this.#isStopping = true;
    this.#isShuttingDown = true;
    this.#mark(all, "shutdown", Number.POSITIVE_INFINITY);
    const names = all.filter((name) => {
      const drain = this.draining.value.get(name);
      return drain && !isGivenUp(drain);
    });
    if (names.length === 0) return;
    const { shutdownTimeoutMs, drainDelayMs } = this.#plan.value;
    const startMs = clock.now();
    // No watcher sees a change of an unreachable keyspace, so there is nothing to wait for.
    const passedMs = startMs - sinceMs;
    const allMs = Math.max(drainDelayMs, ackShare * shutdownTimeoutMs - passedMs);
    const limitMs = isReachable() ? allMs : drainDelayMs;
    const missing = await this.acks.wait(names, limitMs, signal, allMs);
    const watchers = [...new Set(missing.map(({ watcher }) => watcher))];
    const took = formatDuration(clock.now() - startMs);
    const result = watchers.length > 0 ? `; not acknowledged by ${listed(watchers)}` : "";
    const sentence = `drained ${listed(names)} for ${took}${result}`;
    log.info("drain_ended", sentence, { ids: names, reason: "shutdown", watchers });
  }

  #isHeld(name: string): boolean {
    return this.#state.held.value.owners.has(placesOf(this.#plan.value).keyOf(name));
  }

  readonly #isDraining = (name: string): boolean => {
    const reason = this.draining.value.get(name)?.reason;
    return reason === "request" || reason === "shutdown";
  };

  #mark(names: readonly string[], reason: Exclude<DrainReason, "stop">, forMs: number): void {
    const { found } = this.#state;
    const named = new Set(names);
    const present = found.value.found.filter(({ instance }) => named.has(nameOf(instance)));
    const sinceMs = this.#deps.clock.now();
    const time = { sinceMs, untilMs: sinceMs + forMs };
    this.#set(drainingWith(this.draining.value, present, reason, time));
  }

  /** Waits until instances are registered nowhere; one whose drain is cancelled is not waited for. */
  async #removed(names: readonly string[], signal: AbortSignal): Promise<void> {
    const { desired, confirmed } = this.#state;
    const { destinations } = this.#deps;
    const hasNone = (name: string) => {
      const key = placesOf(this.#plan.value).keyOf(name);
      const isRemoved = !desired.value.has(key) && !confirmed.value.has(key);
      return (isRemoved && !destinations?.hasAny(name)) || !this.#isDraining(name);
    };
    const cells = [desired, confirmed, this.draining, ...(destinations?.cells ?? [])];
    await untilEach(cells, names, hasNone, signal);
  }
}
