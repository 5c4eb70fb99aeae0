import { Cell } from "../lib/base/cell.ts";
import type { Clock } from "../lib/base/clock.ts";
import { first } from "../lib/base/signal.ts";
import type { PresencePlan } from "../lib/config/plan.ts";
import type { Discovered } from "../lib/discover/contract.ts";
import type { Entries } from "../lib/model/entry.ts";
import type { Leaving } from "../lib/presence/contract.ts";
import { leavingAfter } from "../lib/presence/drain.ts";
import { nameOf } from "../lib/presence/roster.ts";
import { faults } from "../lib/status/faults.ts";

/** What is known of those who may leave. */
export interface Known {
  readonly found: Cell<Discovered>;
  /** What the keyspace should have, by key. */
  readonly wanted: Cell<Entries>;
  /** The keys that the keyspace has of us. */
  readonly announced: Cell<ReadonlySet<string>>;
}

/** Who is about to leave: by an order, because the engine says so, or with the agent. */
export class Leavers {
  readonly leaving = new Cell<Leaving>(new Map());
  readonly #plan: PresencePlan;
  readonly #known: Known;
  readonly #clock: Clock;

  constructor(plan: PresencePlan, known: Known, clock: Clock) {
    this.#plan = plan;
    this.#known = known;
    this.#clock = clock;
  }

  /** Keeps `leaving` in step with who is here: what is gone has left, and comes back as if it were new. */
  async keep(signal: AbortSignal): Promise<void> {
    const { found } = this.#known;
    for (;;) {
      const { version } = found;
      const before = this.leaving.value;
      const nowMs = this.#clock.now();
      const after = leavingAfter(before, found.value.found, this.#plan.lingerMs, nowMs);
      if (after.size > 0 || before.size > 0) this.leaving.set(after);
      await found.newer(version, signal);
    }
  }

  /**
   * Marks instances as draining, removes them after `forMs` milliseconds, and resolves with their names once the
   * keyspace has them no more. They stay away until they were gone, or the agent is started again. Throws
   * STATUS_DRAIN_UNKNOWN.
   */
  async drain(
    names: readonly string[],
    forMs: number,
    signal: AbortSignal,
  ): Promise<readonly string[]> {
    const known = this.#known.found.value.found.map(({ instance }) => nameOf(instance));
    const unknown = names.filter((name) => !known.includes(name));
    if (unknown.length > 0) throw faults.STATUS_DRAIN_UNKNOWN({ names: unknown, known });
    this.#mark(names, forMs);
    await this.#removed(names, signal);
    return names;
  }

  /** Marks everybody who is announced, for good, and waits for as long as they are to linger. */
  async leaveAll(signal: AbortSignal): Promise<void> {
    const { found, announced } = this.#known;
    if (announced.value.size === 0) return;
    const names = found.value.found.map(({ instance }) => nameOf(instance));
    this.#mark(names, Infinity);
    await this.#clock.sleep(this.#plan.lingerMs, signal);
  }

  /** Whoever is to be removed sooner already stays so. */
  #mark(names: readonly string[], forMs: number): void {
    const marked = new Map(this.leaving.value);
    const untilMs = this.#clock.now() + forMs;
    for (const name of names) marked.set(name, Math.min(marked.get(name) ?? Infinity, untilMs));
    this.leaving.set(marked);
  }

  async #removed(names: readonly string[], signal: AbortSignal): Promise<void> {
    const { wanted, announced } = this.#known;
    const keys = names.map((name) => `${this.#plan.prefix}/${name}`);
    for (;;) {
      const [w, a] = [wanted.version, announced.version];
      if (!keys.some((key) => wanted.value.has(key) || announced.value.has(key))) return;
      await first(
        signal,
        (s) => wanted.newer(w, s),
        (s) => announced.newer(a, s),
      );
    }
  }
}
