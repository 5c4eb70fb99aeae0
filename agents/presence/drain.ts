import { Cell } from "../../lib/base/cell.ts";
import { race, runAll } from "../../lib/base/signal.ts";
import type { PresencePlan } from "../../lib/config/plan.ts";
import type { Discovered } from "../../lib/discover/contract.ts";
import { type AckDeps, waitForAcks } from "../../lib/keyspace/acks/wait.ts";
import type { KeySource } from "../../lib/keyspace/contract.ts";
import type { Entries } from "../../lib/model/entry.ts";
import type { Snapshot } from "../../lib/model/snapshot.ts";
import type { Draining } from "../../lib/presence/contract.ts";
import { drainingAfter, markedAt } from "../../lib/presence/drain.ts";
import { nameOf } from "../../lib/presence/roster.ts";
import type { Drained, DrainRequest } from "../../lib/status/contract.ts";

/** What is known of those who may leave. */
export interface DrainState {
  readonly found: Cell<Discovered>;
  /** What the keyspace should have, by key. */
  readonly wanted: Cell<Entries>;
  /** What is seen there. */
  readonly seen: Cell<Snapshot | undefined>;
  /** The keys that it has of us. */
  readonly announced: Cell<ReadonlySet<string>>;
}

export interface DrainDeps extends AckDeps {
  readonly keyspace: KeySource;
  /** Whether the keyspace answers, as far as is known. */
  readonly answers: () => boolean;
}

/** Who is about to leave: by an order, because the engine says so, or with the agent. */
export class DrainController {
  readonly draining = new Cell<Draining>(new Map());
  readonly #plan: PresencePlan;
  readonly #known: DrainState;
  readonly #deps: DrainDeps;

  constructor(plan: PresencePlan, known: DrainState, deps: DrainDeps) {
    this.#plan = plan;
    this.#known = known;
    this.#deps = deps;
  }

  /** Keeps `leaving` in step with who is here: what is gone has left, and comes back as if it were new. */
  async keep(signal: AbortSignal): Promise<void> {
    const { found } = this.#known;
    for (;;) {
      const { version } = found;
      const before = this.draining.value;
      const nowMs = this.#deps.clock.now();
      const after = drainingAfter(before, found.value.found, this.#plan.drainDelayMs, nowMs);
      if (after.size > 0 || before.size > 0) this.draining.set(after);
      await found.newer(version, signal);
    }
  }

  /**
   * Marks instances as draining, removes them after a time, or once it is acknowledged, and resolves when the
   * keyspace has them no more. They stay away until they were gone, or the agent is started again.
   */
  async drain({ names, forMs, wait }: DrainRequest, signal: AbortSignal): Promise<Drained> {
    if (names.length === 0) return { drained: [], missing: [] };
    this.#mark(names, forMs);
    const missing = wait ? await this.#acknowledged(names, forMs, signal) : [];
    if (wait) this.#mark(names, 0);
    await this.#removed(names, signal);
    return { drained: names, missing };
  }

  /** Marks everybody who is announced, for good, and waits until it is acknowledged, in the time that leaving has. */
  async drainAll(signal: AbortSignal): Promise<void> {
    const { found, announced } = this.#known;
    if (announced.value.size === 0) return;
    const names = found.value.found.map(({ instance }) => nameOf(instance));
    this.#mark(names, Infinity);
    const { shutdownTimeoutMs: drainMs, drainDelayMs: lingerMs } = this.#plan;
    // The rest is for removing them. Where the keyspace is out of reach, nobody sees that they leave.
    const limitMs = this.#deps.answers() ? 0.8 * drainMs : lingerMs;
    await this.#acknowledged(names, limitMs, signal);
  }

  /** Whoever is to be removed sooner already stays so. */
  #mark(names: readonly string[], forMs: number): void {
    const marked = new Map(this.draining.value);
    const untilMs = this.#deps.clock.now() + forMs;
    for (const name of names) marked.set(name, Math.min(marked.get(name) ?? Infinity, untilMs));
    this.draining.set(marked);
  }

  #keysOf(names: readonly string[]): readonly string[] {
    return names.map((name) => `${this.#plan.prefix}/${name}`);
  }

  /**
   * Waits until every watcher that serves them sends nothing new to them, at most `limitMs`, and at least for as long
   * as they are to drainDelay: what they were sent before is to be answered, and there may be others who watch.
   */
  async #acknowledged(
    names: readonly string[],
    limitMs: number,
    signal: AbortSignal,
  ): Promise<Drained["missing"]> {
    const { clock, keyspace } = this.#deps;
    const startMs = clock.now();
    const folder = `${this.#plan.prefix}/`;
    let missing: Drained["missing"] = [];
    await runAll(
      signal,
      (s) => clock.sleep(Math.min(this.#plan.drainDelayMs, limitMs), s),
      async (s) => {
        const marked = await this.#marked(this.#keysOf(names), limitMs, s);
        const restMs = limitMs - (clock.now() - startMs);
        const said = await waitForAcks(keyspace, marked, Math.max(0, restMs), this.#deps, s);
        missing = said.missing.map(({ watcher, key }) => {
          return { watcher, name: key.slice(folder.length) };
        });
      },
    );
    return missing;
  }

  /** The revisions at which the keyspace shows that they are leaving, once it does so for all, or at the limit. */
  async #marked(
    keys: readonly string[],
    limitMs: number,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, string>> {
    const { wanted, seen } = this.#known;
    const shown = () => markedAt(keys, wanted.value, seen.value);
    await race(
      signal,
      (s) => until(() => shown().isComplete, wanted, seen, s),
      (s) => this.#deps.clock.sleep(limitMs, s),
    );
    return shown().revisions;
  }

  async #removed(names: readonly string[], signal: AbortSignal): Promise<void> {
    const { wanted, announced } = this.#known;
    const keys = this.#keysOf(names);
    const isThere = (key: string) => wanted.value.has(key) || announced.value.has(key);
    await until(() => !keys.some(isThere), wanted, announced, signal);
  }
}

/** Resolves once something is so that depends on what is in two cells. */
async function until(
  isSo: () => boolean,
  one: Cell<unknown>,
  other: Cell<unknown>,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    const versions = [one.version, other.version] as const;
    if (isSo()) return;
    await race(
      signal,
      (s) => one.newer(versions[0], s),
      (s) => other.newer(versions[1], s),
    );
  }
}
