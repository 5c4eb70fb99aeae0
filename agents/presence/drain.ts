import { Cell, untilEach } from "../../lib/base/cell.ts";
import type { Log } from "../../lib/base/log.ts";
import { runAll } from "../../lib/base/signal.ts";
import { withTimeout } from "../../lib/base/timeout.ts";
import type { PresencePlan } from "../../lib/config/plan.ts";
import type { Drained, DrainRequest } from "../../lib/control/contract.ts";
import { type AckDeps, type Acks, waitForAcks } from "../../lib/keyspace/acks/wait.ts";
import type { KeySource } from "../../lib/keyspace/contract.ts";
import type { Draining, DrainReason } from "../../lib/presence/contract.ts";
import { drainingAfter, drainingWith, markedAt } from "../../lib/presence/drain.ts";
import { nameOf } from "../../lib/presence/roster.ts";
import type { PresenceState } from "./state.ts";

/** What decides when an instance is drained. */
export type DrainState = Pick<
  PresenceState,
  "found" | "desired" | "observed" | "confirmed" | "held" | "session"
>;

/** How long draining takes. */
export type DrainPlan = Pick<PresencePlan, "prefix" | "drainDelayMs" | "shutdownTimeoutMs">;

export interface DrainDeps extends AckDeps {
  readonly keyspace: KeySource;
  readonly log: Log;
  /** Whether the keyspace is reachable, as far as is known. */
  readonly isReachable: () => boolean;
}

/** The part of the shutdown timeout in which watchers may acknowledge; the rest is for removing the entries. */
const ackShare = 0.8;

/** The instances that are draining: on request, because the container engine stops them, or because the agent stops. */
export class DrainController {
  /** By name. */
  readonly draining = new Cell<Draining>(new Map());
  readonly #plan: DrainPlan;
  readonly #state: DrainState;
  readonly #deps: DrainDeps;
  #isShuttingDown = false;

  constructor(plan: DrainPlan, state: DrainState, deps: DrainDeps) {
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
      const before = this.draining.value;
      const nowMs = this.#deps.clock.now();
      const present = found.value.found;
      const kept = drainingAfter(before, present, this.#plan.drainDelayMs, nowMs);
      const added = present.filter(({ instance }) => !kept.has(nameOf(instance)));
      const after = this.#isShuttingDown ? drainingWith(kept, added, "shutdown", nowMs) : kept;
      if (after.size > 0 || before.size > 0) this.draining.set(after);
      await found.newer(version, signal);
    }
  }

  /**
   * Drains instances, and resolves once their entries are removed: after `forMs` milliseconds, or with `wait` as soon as every
   * watcher has acknowledged. They stay deregistered until they are gone or run again, or the agent is started again. An
   * instance that another agent holds is given up at once: only its owner can drain it.
   */
  async drain({ names, forMs, wait }: DrainRequest, signal: AbortSignal): Promise<Drained> {
    if (names.length === 0) return { drained: [], missing: [] };
    const held = names.filter((name) => this.#isHeld(name));
    this.#mark(held, "request", 0);
    this.#mark(names, "request", forMs);
    const missing = wait ? await this.#acknowledged(names, forMs, signal) : [];
    if (wait) this.#mark(names, "request", 0);
    await this.#removed(names, signal);
    return { drained: names, missing };
  }

  /** Whether an instance is about to be deregistered, or is already. */
  isDraining(key: string): boolean {
    return this.draining.value.has(key.slice(this.#plan.prefix.length + 1));
  }

  /** Gives up the instances that other agents hold: they are not taken over any longer. */
  giveUpHeld(): void {
    const { found } = this.#state.found.value;
    const names = found.map(({ instance }) => nameOf(instance));
    this.#mark(
      names.filter((name) => this.#isHeld(name)),
      "shutdown",
      0,
    );
  }

  /**
   * Drains every instance for the shutdown that began at `sinceMs` (milliseconds of the clock), and resolves once the watchers
   * have acknowledged, or at the limit.
   */
  async drainAll(sinceMs: number, signal: AbortSignal): Promise<void> {
    const { found, confirmed } = this.#state;
    if (confirmed.value.size === 0) return;
    const names = found.value.found.map(({ instance }) => nameOf(instance));
    this.#mark(names, "shutdown", Number.POSITIVE_INFINITY);
    this.#isShuttingDown = true;
    const { shutdownTimeoutMs, drainDelayMs } = this.#plan;
    // No watcher sees a change of an unreachable keyspace, so there is nothing to wait for.
    const allMs = this.#deps.isReachable() ? ackShare * shutdownTimeoutMs : drainDelayMs;
    const passedMs = this.#deps.clock.now() - sinceMs;
    await this.#acknowledged(names, Math.max(drainDelayMs, allMs - passedMs), signal);
  }

  #isHeld(name: string): boolean {
    return this.#state.held.value.owners.has(`${this.#plan.prefix}/${name}`);
  }

  /** Whether the session of another agent has the entry: it cannot be marked. */
  #isForeign(key: string): boolean {
    const owner = this.#state.observed.value?.get(key)?.owner;
    return owner !== undefined && owner !== this.#state.session.value?.id;
  }

  #mark(names: readonly string[], reason: Exclude<DrainReason, "stop">, forMs: number): void {
    const { found } = this.#state;
    const named = new Set(names);
    const present = found.value.found.filter(({ instance }) => named.has(nameOf(instance)));
    const untilMs = this.#deps.clock.now() + forMs;
    this.draining.set(drainingWith(this.draining.value, present, reason, untilMs));
  }

  #keysOf(names: readonly string[]): readonly string[] {
    return names.map((name) => `${this.#plan.prefix}/${name}`);
  }

  /**
   * Waits until every watcher that serves the instances sends no new requests to them, `limitMs` at the most, and at least
   * for the drain delay: requests under way are to be answered, and other clients may read the keyspace without acknowledging.
   */
  async #acknowledged(
    names: readonly string[],
    limitMs: number,
    signal: AbortSignal,
  ): Promise<Drained["missing"]> {
    const { clock, keyspace, log } = this.#deps;
    const startMs = clock.now();
    const folder = `${this.#plan.prefix}/`;
    let missing: Drained["missing"] = [];
    await runAll(
      signal,
      (s) => clock.sleep(Math.min(this.#plan.drainDelayMs, limitMs), s),
      async (s) => {
        const marked = await this.#marked(this.#keysOf(names), limitMs, s);
        const restMs = Math.max(0, limitMs - (clock.now() - startMs));
        const acks = await waitForAcks(keyspace, marked, restMs, this.#deps, s);
        logIgnored(acks, log);
        missing = acks.missing.map(({ watcher, key }) => ({
          watcher,
          name: key.slice(folder.length),
        }));
      },
    );
    return missing;
  }

  /** The revisions at which the keyspace has the draining entries: of all of them, or of the ones it has at the limit. */
  async #marked(
    keys: readonly string[],
    limitMs: number,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, string>> {
    const { desired, observed } = this.#state;
    const marked = (some: readonly string[]) => markedAt(some, desired.value, observed.value);
    const isMarked = (key: string) => marked([key]).isComplete || this.#isForeign(key);
    await withTimeout(
      limitMs,
      (s) => untilEach([desired, observed], keys, isMarked, s),
      () => {},
      this.#deps.clock,
      signal,
    );
    return marked(keys).revisions;
  }

  async #removed(names: readonly string[], signal: AbortSignal): Promise<void> {
    const { desired, confirmed } = this.#state;
    const hasNone = (key: string) => !desired.value.has(key) && !confirmed.value.has(key);
    await untilEach([desired, confirmed], this.#keysOf(names), hasNone, signal);
  }
}

function logIgnored({ ignored }: Acks, log: Log): void {
  for (const { key, why } of ignored) {
    const sentence = `${key} does not count as a watcher, and drains do not wait for it: ${why}`;
    log.warn("watcher_entry_ignored", sentence, { key, why });
  }
}
